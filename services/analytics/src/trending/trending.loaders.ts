import { cachedLoader } from '@freshet/subgraph'
import type { TrendingWindow } from '../generated/graphql.ts'
import { OUTWARD_MAX_AGE_SECONDS as outwardMaxAgeSeconds } from '../request-day.ts'
import type { TrendingCache } from './trending.cache.ts'
import { CATEGORY_TOP_LENGTH, type TrendingRepository } from './trending.repository.ts'

/** One set per request. Lists are cached at their full length: one entry serves every `first`. */
export function createTrendingLoaders(repository: TrendingRepository, cache: TrendingCache) {
  return {
    byWindow: cachedLoader({
      entity: cache.top,
      load: (windows: readonly TrendingWindow[]) => repository.findLists(windows),
      outwardMaxAgeSeconds,
    }),
    rankByProductId: cachedLoader({
      entity: cache.rank,
      load: (ids) => repository.findRanks(ids),
      outwardMaxAgeSeconds,
    }),
    topByCategoryId: cachedLoader({
      entity: cache.categoryTop,
      load: (ids) => repository.findTopByCategories(ids, CATEGORY_TOP_LENGTH),
      outwardMaxAgeSeconds,
    }),
    statsByCategoryId: cachedLoader({
      entity: cache.categoryStats,
      load: (ids) => repository.findCategoryStats(ids),
      outwardMaxAgeSeconds,
    }),
  }
}
