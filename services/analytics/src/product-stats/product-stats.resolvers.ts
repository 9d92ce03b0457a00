import { decodeId, encodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'

export const productStatsResolvers: Resolvers = {
  Product: {
    __resolveReference: ({ id }) => ({ productId: decodeId('Product', id) }),
    id: ({ productId }) => encodeId('Product', productId),
    stats: ({ productId }, _args, { loaders }) => loaders.productStats.byProductId.load(productId),
    trendRank: ({ productId }, _args, { loaders }) => loaders.trending.rankByProductId.load(productId),
  },

  ProductStats: {
    conversionRate: ({ purchases, views }) => (views === 0 ? null : Math.min(1, purchases / views)),
    lastActivityAt: ({ lastActivityAt }) => lastActivityAt && new Date(lastActivityAt),
  },
}
