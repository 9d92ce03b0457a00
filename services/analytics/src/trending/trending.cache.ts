import type { Cache, CachePolicy } from '@freshet/cache'
import type { TrendingWindow } from '../generated/graphql.ts'
import type { CategoryStatsRow, TrendingRow } from './trending.repository.ts'

/** A list is replaced as a whole, so one tag for each is enough. */
export const trendingTag = (window: TrendingWindow) => `trending:${window.toLowerCase()}`
export const CATEGORY_TOP_TAG = 'category-top'

const top: CachePolicy<TrendingRow[]> = {
  name: 'trending',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 0,
  jitter: 0.1,
  tags: (key) => [trendingTag(key as TrendingWindow)],
}

/** Most products are in no list: their null is cached like a rank. */
const rank: CachePolicy<number> = {
  name: 'trend-rank',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 3_600,
  jitter: 0.1,
  tags: () => [trendingTag('DAY')],
}

const categoryTop: CachePolicy<string[]> = {
  name: 'category-top',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 0,
  jitter: 0.1,
  tags: () => [CATEGORY_TOP_TAG],
}

const categoryStats: CachePolicy<CategoryStatsRow> = {
  name: 'category-stats',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 0,
  jitter: 0.1,
  tags: () => [CATEGORY_TOP_TAG],
}

export type TrendingCache = ReturnType<typeof createTrendingCache>

export function createTrendingCache(cache: Cache) {
  return {
    top: cache.define(top),
    rank: cache.define(rank),
    categoryTop: cache.define(categoryTop),
    categoryStats: cache.define(categoryStats),
  }
}
