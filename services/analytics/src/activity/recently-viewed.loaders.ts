import { cachedLoader } from '@freshet/subgraph'
import type { RecentlyViewedCache } from './recently-viewed.cache.ts'
import type { RecentlyViewedRepository } from './recently-viewed.repository.ts'

/** One set per request. */
export function createRecentlyViewedLoaders(
  repository: RecentlyViewedRepository,
  cache: RecentlyViewedCache,
) {
  return {
    byUserId: cachedLoader({
      entity: cache.recentlyViewed,
      load: (ids) => repository.findByUserIds(ids),
    }),
  }
}
