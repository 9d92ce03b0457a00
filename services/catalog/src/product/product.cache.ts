import type { Cache, CachePolicy } from '@freshet/cache'
import type { ProductRow } from './product.repository.ts'

/** Price and stock are in the row: the tag, which every change of the product invalidates, keeps them true. */
const row: CachePolicy<ProductRow> = {
  name: 'product',
  version: 1,
  ttlSeconds: 3600,
  negativeTtlSeconds: 60,
  jitter: 0.1,
  tags: (id) => [`product:${id}`, 'product'],
}

export type ProductCache = ReturnType<typeof createProductCache>

export function createProductCache(cache: Cache) {
  return { row: cache.define(row) }
}
