import { decodeId, encodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'

export const variantResolvers: Resolvers = {
  Variant: {
    __resolveReference: ({ id }, { loaders }) => loaders.variant.byId.load(decodeId('Variant', id)),
    id: ({ id }) => encodeId('Variant', id),
  },
}
