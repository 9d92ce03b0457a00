import { createCache } from '@freshet/cache'
import { loadConfigOrExit } from '@freshet/config'
import { createDatabase } from '@freshet/database'
import { createKafkaBus } from '@freshet/events'
import { runProcess } from '@freshet/http'
import { createLogger } from '@freshet/telemetry'
import { Redis } from 'ioredis'
import { environment } from './config.ts'
import type { DB } from './generated/db.ts'
import { createUsers } from './service.ts'
import { sessionRedisOptions } from './session/session.redis.ts'

const config = loadConfigOrExit(environment, process.env)
const logger = createLogger('users', { level: config.LOG_LEVEL })
const graceMs = config.SHUTDOWN_GRACE_MS

await runProcess({
  name: 'users',
  logger,
  graceMs,
  async start() {
    const database = createDatabase<DB>({
      url: config.DATABASE_URL,
      service: 'users',
      poolSize: config.DATABASE_POOL_SIZE,
      logger,
    })
    const redis = new Redis(config.REDIS_URL, { enableAutoPipelining: true })
    const sessionRedis = new Redis(config.SESSION_REDIS_URL ?? config.REDIS_URL, sessionRedisOptions)
    // Both outages are reported where they are felt; unheard, the event would be printed raw.
    redis.on('error', () => {})
    sessionRedis.on('error', () => {})
    const cache = createCache({ redis, domain: 'users', logger, enabled: config.CACHE_ENABLED })
    const bus = createKafkaBus({ brokers: config.KAFKA_BROKERS, clientId: 'users', logger })
    const users = await createUsers({
      database,
      databaseUrl: config.DATABASE_URL,
      cache,
      sessionRedis,
      bus,
      logger,
      secret: config.SUBGRAPH_SECRET,
      graceMs,
      passwords: { memoryKib: config.PASSWORD_MEMORY_KIB, passes: config.PASSWORD_PASSES },
      sessions: {
        lifetimeSeconds: config.SESSION_LIFETIME_SECONDS,
        perAccount: config.SESSIONS_PER_ACCOUNT,
      },
      limits: {
        triesPerAccount: config.SIGN_IN_TRIES,
        windowSeconds: config.SIGN_IN_WINDOW_SECONDS,
        triesPerMinute: config.PASSWORD_TRIES_PER_MINUTE,
      },
    })
    await users.start()
    const url = await users.subgraph.listen({ host: config.HOST, port: config.PORT })
    logger.info({ url }, 'listening')
    return {
      async close() {
        await users.close()
        await bus.close()
        await cache.close()
        redis.disconnect()
        sessionRedis.disconnect()
        await database.close()
      },
    }
  },
})
