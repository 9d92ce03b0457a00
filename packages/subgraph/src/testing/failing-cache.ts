import { type Cache, CacheUnavailableError, createCache } from '@freshet/cache'
import type { TestParts } from './test-parts.ts'

/** See {@link openFailingCache}. */
export interface FailingCache {
  readonly cache: Cache
  /** The tags of each invalidation that failed, in order. */
  readonly failed: (readonly string[])[]
}

/**
 * The cache of one more process of the service: it reads and fills the same entries, but none of its invalidations
 * reaches Redis. It ends with the parts.
 *
 * @param beforeFailing runs when an invalidation was asked for: to look at what is there by then
 */
export function openFailingCache(
  { redis, domain, logger }: Pick<TestParts<unknown>, 'redis' | 'domain' | 'logger'>,
  beforeFailing: (tags: readonly string[]) => Promise<void> = async () => {},
): FailingCache {
  const failed: (readonly string[])[] = []
  const cache = createCache({ redis, domain, logger, timeoutMs: 20_000 })
  redis.once('end', () => void cache.close())
  return {
    failed,
    cache: {
      ...cache,
      async invalidate(tags) {
        await beforeFailing(tags)
        failed.push(tags)
        throw new CacheUnavailableError(tags, { cause: new Error('Redis is away') })
      },
    },
  }
}
