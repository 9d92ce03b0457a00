import DataLoader from 'dataloader'
import type { RecentlyViewedCache } from './recently-viewed.cache.ts'
import type { RecentlyViewedRepository, RecentlyViewedRow } from './recently-viewed.repository.ts'

/** One set per request. */
export function createRecentlyViewedLoaders(
  repository: RecentlyViewedRepository,
  cache: RecentlyViewedCache,
) {
  return {
    byUserId: new DataLoader<string, RecentlyViewedRow[] | null>((ids) =>
      cache.recentlyViewed.getMany(ids, (missing) => repository.findByUserIds(missing)),
    ),
  }
}
