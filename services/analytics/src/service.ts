import { asOperation } from '@freshet/database'
import { createConsumer, createOutboxRelay, pruneInbox } from '@freshet/events'
import type { ShutdownTimes } from '@freshet/http'
import { createInvalidateOutward, createSubgraph, type Service, type SharedParts } from '@freshet/subgraph'
import { ACTIVITY_CONSUMER, countActivity } from './activity/activity.consumer.ts'
import { createActivityRepository } from './activity/activity.repository.ts'
import { createContextFactory } from './context.ts'
import type { DB } from './generated/db.ts'
import { invalidated } from './invalidated.events.ts'
import { followProducts, PRODUCT_FACTS_CONSUMER } from './product-facts/product-facts.consumer.ts'
import { createProductFactsRepository } from './product-facts/product-facts.repository.ts'
import { resolvers, schema } from './schema.ts'
import { createTrendingRefresh } from './trending/trending.refresh.ts'
import { createTrendingRepository } from './trending/trending.repository.ts'

/** What the service runs on. Whoever opened it closes it. */
export interface AnalyticsParts extends SharedParts<DB> {
  readonly secret: string
  readonly shutdown: ShutdownTimes
}

/** How far ahead, and how far back for late events, months have a partition. */
const PARTITIONS = { monthsBack: 1, monthsAhead: 2 }
const UPKEEP_INTERVAL_MS = 6 * 3_600_000

/** The service: the subgraph, its consumers, its relay and its jobs. */
export async function createAnalytics(parts: AnalyticsParts): Promise<Service> {
  const { database, databaseUrl, cache, bus, observed, logger, secret, shutdown } = parts
  const { db } = database
  const activity = createActivityRepository(db)
  const facts = createProductFactsRepository(db)
  const relay = createOutboxRelay({ url: databaseUrl, service: 'analytics', bus, logger })
  const invalidateOutward = createInvalidateOutward({ service: 'analytics', bus, cache, invalidated })
  const consumers = [
    {
      group: ACTIVITY_CONSUMER,
      handlers: [
        countActivity({ db, activity, facts, cache, invalidateOutward, wakeRelay: () => relay.wake() }),
      ],
    },
    { group: PRODUCT_FACTS_CONSUMER, handlers: [followProducts({ db, facts, cache })] },
  ].map((consumer) => createConsumer({ bus, service: 'analytics', logger, ...consumer }))
  const refresh = createTrendingRefresh({ repository: createTrendingRepository(db), cache, logger })
  const subgraph = await createSubgraph({
    name: 'analytics',
    schema,
    resolvers,
    context: createContextFactory({ db, cache, bus }),
    database,
    secret,
    logger,
    shutdown,
    // Without Redis or Kafka the service still answers, slower or not yet counting: only the database is vital.
    checks: { postgres: () => database.ping() },
    observed,
  })
  let upkeep: NodeJS.Timeout | undefined

  async function keepUp(): Promise<void> {
    const now = new Date()
    const month = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1))
    await activity.ensurePartitions(month(-PARTITIONS.monthsBack), month(PARTITIONS.monthsAhead))
    await pruneInbox(db)
  }

  return {
    subgraph,
    async start() {
      await asOperation('upkeep', keepUp)
      upkeep = setInterval(() => {
        // Months are made two ahead: a failed turn has two months of others behind it.
        asOperation('upkeep', keepUp).catch((error: unknown) => logger.error({ err: error }, 'upkeep failed'))
      }, UPKEEP_INTERVAL_MS)
      relay.start()
      await Promise.all([refresh.start(), ...consumers.map((consumer) => consumer.start())])
    },
    async close() {
      clearInterval(upkeep)
      await subgraph.close()
      await Promise.all([refresh.close(), ...consumers.map((consumer) => consumer.close())])
      await relay.close()
    },
  }
}
