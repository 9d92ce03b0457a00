import DataLoader from 'dataloader'
import { type ProductStatsCache, productIdOfKey, productStatsKey } from './product-stats.cache.ts'
import type { ProductStatsRepository, ProductStatsRow } from './product-stats.repository.ts'

/** One set per request. `today` is the request's day of UTC. */
export function createProductStatsLoaders(
  repository: ProductStatsRepository,
  cache: ProductStatsCache,
  today: string,
) {
  return {
    byProductId: new DataLoader<string, ProductStatsRow | null>((ids) =>
      cache.stats.getMany(
        ids.map((id) => productStatsKey(id, today)),
        (keys) => repository.findByProductIds(keys.map(productIdOfKey), today),
      ),
    ),
  }
}
