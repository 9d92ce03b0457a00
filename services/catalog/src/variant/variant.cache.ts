import type { Cache, CachePolicy } from '@freshet/cache'
import type { VariantRow } from './variant.repository.ts'

const common = { version: 1, ttlSeconds: 3600, negativeTtlSeconds: 60, jitter: 0.1 }

const row: CachePolicy<VariantRow> = {
  ...common,
  name: 'variant',
  // Nobody knows beforehand whose variant an unknown id will be: the next new product, of any category, drops it.
  tags: (_id, variant) =>
    variant ? [`product:${variant.productId}`, 'product'] : ['product-list', 'product'],
}

const ofProduct: CachePolicy<VariantRow[]> = {
  ...common,
  name: 'product-variants',
  tags: (productId) => [`product:${productId}`, 'product'],
}

export type VariantCache = ReturnType<typeof createVariantCache>

export function createVariantCache(cache: Cache) {
  return { row: cache.define(row), ofProduct: cache.define(ofProduct) }
}
