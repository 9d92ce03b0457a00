import { createCache } from '@freshet/cache'
import { loadConfigOrExit } from '@freshet/config'
import { createDatabase } from '@freshet/database'
import { createKafkaBus, createOutboxRelay } from '@freshet/events'
import { runProcess } from '@freshet/http'
import { createSelfInvalidator } from '@freshet/subgraph'
import { createLogger } from '@freshet/telemetry'
import { Redis } from 'ioredis'
import { createCatalog } from './catalog.ts'
import { environment } from './config.ts'
import type { DB } from './generated/db.ts'
import { invalidations } from './product/product.invalidation.ts'

const service = 'catalog'
const config = loadConfigOrExit(environment, process.env)
const logger = createLogger(service, { level: config.LOG_LEVEL })

await runProcess({ name: service, logger, graceMs: config.SHUTDOWN_GRACE_MS, start })

async function start() {
  const { DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize, SHUTDOWN_GRACE_MS: graceMs } = config
  const database = createDatabase<DB>({ url, service, poolSize, logger })
  const redis = new Redis(config.REDIS_URL, { connectionName: service })
  redis.on('error', (error) => logger.warn({ err: error }, 'the connection to Redis failed'))
  const cache = createCache({ redis, domain: service, logger, enabled: config.CACHE_ENABLED })
  const bus = createKafkaBus({ brokers: config.KAFKA_BROKERS, clientId: service, logger })
  const relay = createOutboxRelay({ url, service, bus, logger })
  const invalidator = createSelfInvalidator({ service, bus, cache, invalidations, logger })

  async function close() {
    await invalidator.close()
    await relay.close()
    await bus.close()
    await cache.close()
    redis.disconnect()
    await database.close()
  }

  try {
    const subgraph = await createCatalog({
      database,
      cache,
      logger,
      secret: config.SUBGRAPH_SECRET,
      wakeRelay: () => relay.wake(),
      // Redis and Kafka are not asked: without them the service still answers, slower, and its events wait.
      checks: { database: () => database.ping() },
      graceMs,
    })
    relay.start()
    await invalidator.start()
    const address = await subgraph.listen({ host: config.HOST, port: config.PORT })
    logger.info({ address }, 'catalog is listening')
    return {
      async close() {
        await subgraph.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
