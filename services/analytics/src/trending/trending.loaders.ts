import DataLoader from 'dataloader'
import type { TrendingWindow } from '../generated/graphql.ts'
import type { TrendingCache } from './trending.cache.ts'
import {
  CATEGORY_TOP_LENGTH,
  type CategoryStatsRow,
  type TrendingRepository,
  type TrendingRow,
} from './trending.repository.ts'

/** One set per request. Lists are cached at their full length: one entry serves every `first`. */
export function createTrendingLoaders(repository: TrendingRepository, cache: TrendingCache) {
  return {
    byWindow: new DataLoader<TrendingWindow, TrendingRow[] | null>((windows) =>
      cache.top.getMany(windows, (missing) => repository.findLists(missing as TrendingWindow[])),
    ),
    rankByProductId: new DataLoader<string, number | null>((ids) =>
      cache.rank.getMany(ids, (missing) => repository.findRanks(missing)),
    ),
    topByCategoryId: new DataLoader<string, string[] | null>((ids) =>
      cache.categoryTop.getMany(ids, (missing) =>
        repository.findTopByCategories(missing, CATEGORY_TOP_LENGTH),
      ),
    ),
    statsByCategoryId: new DataLoader<string, CategoryStatsRow | null>((ids) =>
      cache.categoryStats.getMany(ids, (missing) => repository.findCategoryStats(missing)),
    ),
  }
}
