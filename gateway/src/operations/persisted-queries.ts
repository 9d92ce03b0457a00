import { InMemoryLRUCache, type KeyValueCache } from '@apollo/utils.keyvaluecache'
import type { RedisClient } from '@freshet/redis'
import { type Logger, meter } from '@freshet/telemetry'

/** How much text the process itself keeps. */
const MEMORY_BYTES = 16 * 2 ** 20

/** At most one line about Redis in this time. */
const COMPLAIN_EVERY_MS = 30_000

/**
 * Where the texts of automatic persisted queries are kept: in the process, and in Redis for all
 * processes, where each reading prolongs the time they are kept. When Redis fails, the process's own
 * memory goes on alone: a client whose text it lacks is asked to send it again, as the protocol foresees.
 *
 * Nothing here throws; Apollo Server would turn that into a failed request.
 */
export function createPersistedQueryStore(parts: {
  redis: Pick<RedisClient, 'set' | 'getex' | 'del'>
  ttlSeconds: number
  logger: Logger
}): KeyValueCache<string> {
  const { redis, ttlSeconds, logger } = parts
  const memory = new InMemoryLRUCache<string>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: (text) => text.length * 2 + 200,
  })
  const lookups = meter('@freshet/gateway').createCounter('freshet.gateway.persisted_query.lookups', {
    description: 'Texts asked for by hash, by where they were found',
  })
  let quietUntil = 0

  async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work
    } catch (error) {
      lookups.add(1, { found: 'redis-failed' })
      if (performance.now() >= quietUntil) {
        quietUntil = performance.now() + COMPLAIN_EVERY_MS
        logger.warn({ err: error }, 'persisted queries are kept in memory only: Redis does not answer')
      }
      return undefined
    }
  }

  return {
    async get(key) {
      const held = await memory.get(key)
      if (held !== undefined) {
        lookups.add(1, { found: 'memory' })
        return held
      }
      const text = (await orUndefined(redis.getex(redisKey(key), 'EX', ttlSeconds))) ?? undefined
      lookups.add(1, { found: text === undefined ? 'nowhere' : 'redis' })
      if (text !== undefined) await memory.set(key, text)
      return text
    },
    async set(key, text) {
      await memory.set(key, text)
      await orUndefined(redis.set(redisKey(key), text, 'EX', ttlSeconds))
    },
    async delete(key) {
      await memory.delete(key)
      return (await orUndefined(redis.del(redisKey(key)))) === 1
    },
  }
}

/** Apollo Server puts `apq:` in front of the hash. */
function redisKey(key: string): string {
  return `{gateway}:${key}`
}
