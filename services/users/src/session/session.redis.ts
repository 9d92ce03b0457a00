import type { RedisSettings } from '@freshet/redis'

/**
 * A connection for what can't be answered without Redis: it fails within about a second rather than
 * wait for Redis to come back, so that a sign-in gets its answer. Not shared with the cache, which gives up earlier.
 */
export const sessionRedisOptions: RedisSettings = {
  commandTimeout: 1_000,
  maxRetriesPerRequest: 1,
}
