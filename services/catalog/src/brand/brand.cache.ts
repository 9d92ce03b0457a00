import type { Cache, CachePolicy } from '@freshet/cache'
import type { BrandRow } from './brand.repository.ts'

const row: CachePolicy<BrandRow> = {
  name: 'brand',
  version: 1,
  ttlSeconds: 3600,
  negativeTtlSeconds: 60,
  jitter: 0.1,
  l1: true,
  tags: (id) => [`brand:${id}`, 'brand'],
}

export type BrandCache = ReturnType<typeof createBrandCache>

export function createBrandCache(cache: Cache) {
  return { row: cache.define(row) }
}
