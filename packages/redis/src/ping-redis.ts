import type { RedisClient } from './open-redis.ts'

const lost = new Set<string>(['close', 'reconnecting', 'end'])

/** @throws Error at once when the connection is lost: a command would wait in ioredis's queue until it is back. */
export async function pingRedis(redis: RedisClient): Promise<void> {
  if (lost.has(redis.status)) throw new Error(`not connected (${redis.status})`)
  await redis.ping()
}
