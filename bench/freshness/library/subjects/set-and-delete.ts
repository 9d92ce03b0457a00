import { Redis } from 'ioredis-6'
import { type OpenSubject, oneByOne, TTL_SECONDS } from '../subject.ts'

/** What most write by hand: SET after a load, DEL after a write. */
export const openSetAndDelete: OpenSubject = (redisUrl) => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true, maxRetriesPerRequest: 1 })
  redis.on('error', () => undefined)
  return {
    getMany: oneByOne(async (key, load) => {
      const known = await redis.get(`row:${key}`)
      if (known !== null) return Number(known)
      const version = await load()
      await redis.set(`row:${key}`, version, 'EX', TTL_SECONDS)
      return version
    }),
    invalidate: (key) => redis.del(`row:${key}`),
    close: async () => redis.disconnect(),
  }
}
