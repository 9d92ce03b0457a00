import type { Cache, CachePolicy } from '@freshet/cache'
import type { ProductStatsRow } from './product-stats.repository.ts'

export const productStatsTag = (productId: string) => `product-stats:${productId}`

/** The day is part of the key: at midnight the last 7 days are others, though nothing was written. */
export const productStatsKey = (productId: string, today: string) => `${productId}@${today}`
export const productIdOfKey = (key: string) => key.slice(0, key.indexOf('@'))

const policy: CachePolicy<ProductStatsRow> = {
  name: 'product-stats',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 0,
  jitter: 0.1,
  tags: (key) => [productStatsTag(productIdOfKey(key))],
}

export type ProductStatsCache = ReturnType<typeof createProductStatsCache>

export function createProductStatsCache(cache: Cache) {
  return { stats: cache.define(policy) }
}
