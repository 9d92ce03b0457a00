import { cachedLoader } from '@freshet/subgraph'
import type { RequestDay } from '../request-day.ts'
import { type ProductStatsCache, productStatsKey } from './product-stats.cache.ts'
import type { ProductStatsRepository } from './product-stats.repository.ts'

/** One set per request, of the request's day of UTC. */
export function createProductStatsLoaders(
  repository: ProductStatsRepository,
  cache: ProductStatsCache,
  { today, outwardMaxAgeSeconds }: RequestDay,
) {
  return {
    byProductId: cachedLoader({
      entity: cache.stats,
      load: (ids) => repository.findByProductIds(ids, today),
      keyOf: (id: string) => productStatsKey(id, today),
      outwardMaxAgeSeconds,
    }),
  }
}
