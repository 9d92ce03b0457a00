import { createCache } from 'async-cache-dedupe'
import { Redis } from 'ioredis-6'
import { type LoadVersions, type OpenSubject, TTL_SECONDS } from '../subject.ts'

/** async-cache-dedupe on Redis, with references, which is how it invalidates. */
export const openAsyncCacheDedupe: OpenSubject = (redisUrl) => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true, maxRetriesPerRequest: 1 })
  redis.on('error', () => undefined)
  const options = { client: redis as never, invalidation: { referencesTTL: TTL_SECONDS } }
  // It is given its loader once; ours is the same for every read.
  let load: LoadVersions = async () => []
  const cache = createCache({ ttl: TTL_SECONDS, storage: { type: 'redis', options } }).define(
    'version',
    { references: (key: number) => [`row~${key}`] },
    async (key: number) => (await load([key]))[0]!,
  )
  return {
    getMany(keys, loadVersions) {
      load = loadVersions
      return Promise.all(keys.map((key) => cache.version(key)))
    },
    invalidate: (key) => cache.invalidate('version', [`row~${key}`]),
    close: async () => redis.disconnect(),
  }
}
