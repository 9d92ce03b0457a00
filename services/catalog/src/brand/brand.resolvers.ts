import { decodeId, encodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'

export const brandResolvers: Resolvers = {
  Brand: {
    __resolveReference: ({ id }, { loaders }) => loaders.brand.byId.load(decodeId('Brand', id)),
    id: ({ id }) => encodeId('Brand', id),
  },
}
