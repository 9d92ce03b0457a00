import { activityResolvers } from './activity/activity.resolvers.ts'
import { dashboardResolvers } from './dashboard/dashboard.resolvers.ts'
import type { Resolvers } from './generated/graphql.ts'
import { productStatsResolvers } from './product-stats/product-stats.resolvers.ts'
import { trendingResolvers } from './trending/trending.resolvers.ts'

/** The folder of the contract. */
export const schema = new URL('../schema/', import.meta.url)

export const resolvers: Resolvers = {
  ...activityResolvers,
  ...dashboardResolvers,
  ...productStatsResolvers,
  ...trendingResolvers,
  Query: { ...dashboardResolvers.Query, ...trendingResolvers.Query },
}
