import { type CachePolicy, createCache } from '@freshet/cache'
import { Redis } from 'ioredis-6'
import { type OpenSubject, type Subject, TTL_SECONDS } from '../subject.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

const versions: CachePolicy<number> = {
  name: 'version',
  version: 1,
  ttlSeconds: TTL_SECONDS,
  negativeTtlSeconds: 0,
  jitter: 0,
  tags: (key) => [`row:${key}`],
}

/** @freshet/cache, as a service uses it. */
export const openFreshet: OpenSubject = (redisUrl) => open(redisUrl, versions)

/** How old an answer of the level in the process may be. */
export const L1_BOUND_MS = 50

/** The same with a level in the process before it. */
export const openFreshetL1: OpenSubject = (redisUrl) => open(redisUrl, { ...versions, l1: true })

function open(redisUrl: string, policy: CachePolicy<number>): Subject {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true }).on('error', () => undefined)
  const cache = createCache({ redis, domain: 'bench', logger: silent, l1: { boundMs: L1_BOUND_MS } })
  const rows = cache.define(policy)
  return {
    async getMany(keys, load) {
      const found = await rows.getMany(keys.map(String), (missing) => load(missing.map(Number)))
      return found.map((version) => version!)
    },
    invalidate: (key) => cache.invalidate([`row:${key}`]),
    async close() {
      await cache.close()
      redis.disconnect()
    },
  }
}
