import { createRedisCache } from '@envelop/response-cache-redis'
import { Redis } from 'ioredis'
import { type OpenSubject, oneByOne, TTL_SECONDS } from '../subject.ts'

interface Answer {
  data: { version: number }
}

/** The store of @envelop/response-cache, used as its plug-in uses it: an answer with the entity that it shows. */
export const openEnvelopResponseCache: OpenSubject = (redisUrl) => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true, maxRetriesPerRequest: 1 })
  redis.on('error', () => undefined)
  const cache = createRedisCache({ redis })
  return {
    getMany: oneByOne(async (key, load) => {
      const known = (await cache.get(`answer:${key}`)) as Answer | undefined
      if (known !== undefined) return known.data.version
      const version = await load()
      await cache.set(
        `answer:${key}`,
        { data: { version } },
        [{ typename: 'Row', id: key }],
        TTL_SECONDS * 1_000,
      )
      return version
    }),
    invalidate: async (key) => cache.invalidate([{ typename: 'Row', id: key }]),
    close: async () => redis.disconnect(),
  }
}
