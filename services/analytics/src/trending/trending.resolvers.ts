import { boundedInt, decodeId, encodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'
import { CATEGORY_TOP_LENGTH } from './trending.repository.ts'

export const trendingResolvers: Resolvers = {
  Query: {
    async trending(_root, { window, first }, { loaders }) {
      const limit = boundedInt(first ?? 10, { argument: 'first', min: 1, max: 100 })
      return (await loaders.trending.byWindow.load(window ?? 'DAY')).slice(0, limit)
    },
  },

  TrendingProduct: {
    product: ({ productId }) => ({ productId }),
  },

  Category: {
    __resolveReference: ({ id }) => ({ categoryId: decodeId('Category', id) }),
    id: ({ categoryId }) => encodeId('Category', categoryId),
    async topProducts({ categoryId }, { first }, { loaders }) {
      const limit = boundedInt(first ?? 6, { argument: 'first', min: 1, max: CATEGORY_TOP_LENGTH })
      const productIds = await loaders.trending.topByCategoryId.load(categoryId)
      return productIds.slice(0, limit).map((productId) => ({ productId }))
    },
    stats: ({ categoryId }, _args, { loaders }) => loaders.trending.statsByCategoryId.load(categoryId),
  },
}
