import { createCache } from '@freshet/cache'
import { createDatabase, migrate, provision } from '@freshet/database'
import { createKafkaBus, type EventBus } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, parts } from '@freshet/testing'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import type { DB } from '../src/generated/db.ts'
import { createAnalytics } from '../src/service.ts'

export const SECRET = 'a-secret-of-the-tests'
export const migrations = new URL('../migrations/', import.meta.url)

/** A database of one's own with all migrations. */
export const createAnalyticsDatabase = () =>
  createTestDatabase({ service: 'analytics', migrations, migrate, provision })

/** The whole service on real parts; nothing is started, so nothing changes behind a test's back. */
export async function openAnalytics({ bus }: { bus?: EventBus } = {}) {
  const testDatabase = await createAnalyticsDatabase()
  const logger = createLogger('analytics-test', { level: 'silent' })
  const database = createDatabase<DB>({ url: testDatabase.url, service: 'analytics', logger })
  const redis = new Redis(parts().redisUrl)
  const cache = createCache({ redis, domain: uniqueDomain(), logger, timeoutMs: 2_000 })
  const kafka = bus ?? createKafkaBus({ brokers: parts().kafkaBrokers, clientId: 'analytics-test', logger })
  const analytics = await createAnalytics({
    database,
    databaseUrl: testDatabase.url,
    cache,
    bus: kafka,
    observed: () => ({}),
    logger,
    secret: SECRET,
    graceMs: 1_000,
  })
  return {
    database,
    cache,
    bus: kafka,
    logger,
    subgraph: analytics.subgraph,
    async close() {
      await analytics.close()
      await kafka.close()
      await cache.close()
      redis.disconnect()
      await database.close()
      await testDatabase.close()
    },
  }
}

/** Redis is shared by all test files: each has a domain of its own. */
const uniqueDomain = () => `analytics-${crypto.randomUUID().slice(0, 8)}`

export const customer: Viewer = { id: '7', roles: ['CUSTOMER'], sessionId: 's7' }
export const seller: Viewer = { id: '9', roles: ['CUSTOMER', 'SELLER'], sessionId: 's9' }
export const admin: Viewer = { id: '1', roles: ['CUSTOMER', 'ADMIN'], sessionId: 's1' }

/** Tells the projection of products 1 to `count`, all of seller 9, in categories 1 > 2. */
export async function insertFacts(
  database: Awaited<ReturnType<typeof openAnalytics>>['database'],
  count: number,
) {
  await sql`
    insert into product_facts (product_id, version, title, seller_id, category_ids, price_minor, currency)
    select id, 1, 'Product ' || id, 9, array[1, 2], 1000, 'USD' from generate_series(1, ${count}::integer) as id
  `.execute(database.db)
}
