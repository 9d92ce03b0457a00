import type { Logger } from '@freshet/telemetry'
import { Redis, type RedisOptions } from 'ioredis'

/**
 * A connection to Redis that says in the log when it is lost and when it is back, once each: ioredis tells of every
 * try to reconnect, which would be a flood, and prints it raw if nobody listens.
 */
export function openRedis(url: string, logger: Logger, options: RedisOptions): Redis {
  const redis = new Redis(url, options)
  let isAway = false
  redis.on('error', (error) => {
    if (isAway) return
    isAway = true
    logger.warn({ err: error, redis: options.connectionName }, 'Redis is away')
  })
  redis.on('ready', () => {
    if (!isAway) return
    isAway = false
    logger.info({ redis: options.connectionName }, 'Redis is back')
  })
  return redis
}

const lost = new Set<Redis['status']>(['close', 'reconnecting', 'end'])

/** @throws Error at once when the connection is lost: a command would wait in ioredis's queue until it is back. */
export async function pingRedis(redis: Redis): Promise<void> {
  if (lost.has(redis.status)) throw new Error(`not connected (${redis.status})`)
  await redis.ping()
}
