import type { Cache } from '@freshet/cache'
import type { EventBus } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import type { ContextInput } from '@freshet/subgraph'
import type { Kysely } from 'kysely'
import { createRecentlyViewedCache } from './activity/recently-viewed.cache.ts'
import { createRecentlyViewedLoaders } from './activity/recently-viewed.loaders.ts'
import { createRecentlyViewedRepository } from './activity/recently-viewed.repository.ts'
import { createDashboardCache } from './dashboard/dashboard.cache.ts'
import { createDashboardLoaders } from './dashboard/dashboard.loaders.ts'
import { createDashboardRepository } from './dashboard/dashboard.repository.ts'
import type { DB } from './generated/db.ts'
import { createProductStatsCache } from './product-stats/product-stats.cache.ts'
import { createProductStatsLoaders } from './product-stats/product-stats.loaders.ts'
import { createProductStatsRepository } from './product-stats/product-stats.repository.ts'
import { requestDay } from './request-day.ts'
import { createTrendingCache } from './trending/trending.cache.ts'
import { createTrendingLoaders } from './trending/trending.loaders.ts'
import { createTrendingRepository } from './trending/trending.repository.ts'

/** What resolvers are given. */
export interface Context {
  /** Null for a guest. */
  viewer: () => Viewer | null
  bus: EventBus
  /** When the request came. */
  now: Date
  loaders: {
    productStats: ReturnType<typeof createProductStatsLoaders>
    trending: ReturnType<typeof createTrendingLoaders>
    recentlyViewed: ReturnType<typeof createRecentlyViewedLoaders>
    dashboard: ReturnType<typeof createDashboardLoaders>
  }
}

/** A context for each request: what its loaders remember must not outlive the viewer that it was read for. */
export function createContextFactory(parts: { db: Kysely<DB>; cache: Cache; bus: EventBus }) {
  const { db, cache, bus } = parts
  const stats = { repository: createProductStatsRepository(db), cache: createProductStatsCache(cache) }
  const trending = { repository: createTrendingRepository(db), cache: createTrendingCache(cache) }
  const recentlyViewed = {
    repository: createRecentlyViewedRepository(db),
    cache: createRecentlyViewedCache(cache),
  }
  const dashboard = { repository: createDashboardRepository(db), cache: createDashboardCache(cache) }

  return ({ viewer }: Pick<ContextInput, 'viewer'>): Context => {
    const now = new Date()
    const day = requestDay(now)
    return {
      viewer,
      bus,
      now,
      loaders: {
        productStats: createProductStatsLoaders(stats.repository, stats.cache, day),
        trending: createTrendingLoaders(trending.repository, trending.cache),
        recentlyViewed: createRecentlyViewedLoaders(recentlyViewed.repository, recentlyViewed.cache),
        dashboard: createDashboardLoaders(dashboard.repository, dashboard.cache, day),
      },
    }
  }
}
