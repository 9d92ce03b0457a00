import { createCache } from '@freshet/cache'
import { loadConfigOrExit } from '@freshet/config'
import { createDatabase } from '@freshet/database'
import { createKafkaBus } from '@freshet/events'
import { runProcess } from '@freshet/http'
import { createLogger } from '@freshet/telemetry'
import { Redis } from 'ioredis'
import { environment } from './config.ts'
import type { DB } from './generated/db.ts'
import { createAnalytics } from './service.ts'

const config = loadConfigOrExit(environment, process.env)
const logger = createLogger('analytics', { level: config.LOG_LEVEL })
const graceMs = config.SHUTDOWN_GRACE_MS

await runProcess({
  name: 'analytics',
  logger,
  graceMs,
  async start() {
    const database = createDatabase<DB>({
      url: config.DATABASE_URL,
      service: 'analytics',
      poolSize: config.DATABASE_POOL_SIZE,
      logger,
    })
    const redis = new Redis(config.REDIS_URL, { enableAutoPipelining: true })
    // The cache reports an outage, and goes on without Redis; unheard, the event would be printed raw.
    redis.on('error', () => {})
    const cache = createCache({ redis, domain: 'analytics', logger, enabled: config.CACHE_ENABLED })
    const bus = createKafkaBus({ brokers: config.KAFKA_BROKERS, clientId: 'analytics', logger })
    const analytics = await createAnalytics({
      database,
      databaseUrl: config.DATABASE_URL,
      cache,
      bus,
      logger,
      secret: config.SUBGRAPH_SECRET,
      graceMs,
    })
    await analytics.start()
    const url = await analytics.subgraph.listen({ host: config.HOST, port: config.PORT })
    logger.info({ url }, 'listening')
    return {
      async close() {
        await analytics.close()
        await bus.close()
        await cache.close()
        redis.disconnect()
        await database.close()
      },
    }
  },
})
