import type { Cache, CachePolicy } from '@freshet/cache'
import type { RecentlyViewedRow } from './recently-viewed.repository.ts'

export const recentlyViewedTag = (userId: string) => `recently-viewed:${userId}`

/** Keyed by its owner; who may see it is decided in the resolver, before the cache is asked. */
const policy: CachePolicy<RecentlyViewedRow[]> = {
  name: 'recently-viewed',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 0,
  jitter: 0.1,
  tags: (userId) => [recentlyViewedTag(userId)],
}

export type RecentlyViewedCache = ReturnType<typeof createRecentlyViewedCache>

export function createRecentlyViewedCache(cache: Cache) {
  return { recentlyViewed: cache.define(policy) }
}
