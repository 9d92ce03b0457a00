import { boundedInt, decodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'

export const dashboardResolvers: Resolvers = {
  Query: {
    dashboard(_root, args, { loaders, viewer }) {
      const sellerId = decodeId('User', args.sellerId, 'sellerId')
      const days = boundedInt(args.days ?? 30, { argument: 'days', min: 1, max: 366 })
      const asking = viewer()
      if (asking?.id !== sellerId && !asking?.roles.includes('ADMIN')) return null
      return loaders.dashboard.bySeller.load({ sellerId, days })
    },
  },

  Dashboard: {
    seller: ({ sellerId }) => ({ userId: sellerId }),
    topProducts({ topProducts }, { first }) {
      return topProducts.slice(0, boundedInt(first ?? 10, { argument: 'first', min: 1, max: 100 }))
    },
  },

  DashboardProduct: {
    product: ({ productId }) => ({ productId }),
  },
}
