import { randomUUID } from 'node:crypto'
import { parts } from '@freshet/testing'
import { Redis } from 'ioredis'

/** A numbered database of the tests' Redis, empty, that nobody else uses until it is closed. */
export interface RedisDatabase {
  readonly url: string
  /** Empties it, and leaves it to others. */
  close(): Promise<void>
}

/** The tests' Redis is started with so many; 0 is shared. */
const DATABASES = 64
/** A killed test run keeps its databases no longer. */
const CLAIM_SECONDS = 900

/**
 * For tests of what has fixed keys: sessions, say. Numbers are claimed in the shared database, by whoever comes first.
 *
 * @throws Error when all are taken
 */
export async function claimRedisDatabase(): Promise<RedisDatabase> {
  const shared = new Redis(parts().redisUrl)
  const owner = randomUUID()
  try {
    for (let number = 1; number < DATABASES; number++) {
      const claim = `test-database:${number}`
      if ((await shared.set(claim, owner, 'EX', CLAIM_SECONDS, 'NX')) === null) continue
      const url = new URL(parts().redisUrl)
      url.pathname = `/${number}`
      await withRedis(url.href, (redis) => redis.flushdb())
      return {
        url: url.href,
        async close() {
          await withRedis(url.href, (redis) => redis.flushdb())
          await withRedis(parts().redisUrl, (redis) => redis.del(claim))
        },
      }
    }
  } finally {
    shared.disconnect()
  }
  throw new Error(`all ${DATABASES - 1} databases of the tests' Redis are taken`)
}

async function withRedis(url: string, use: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url)
  try {
    await use(redis)
  } finally {
    redis.disconnect()
  }
}
