import { asOperation } from '@freshet/database'
import { createConsumer, createOutboxRelay, pruneInbox } from '@freshet/events'
import type { ShutdownTimes } from '@freshet/http'
import { createInvalidateOutward, createSubgraph, type Service, type SharedParts } from '@freshet/subgraph'
import { ACTIVITY_CONSUMER, countActivity } from './activity/activity.consumer.ts'
import { createActivityRepository } from './activity/activity.repository.ts'
import { createContextFactory } from './context.ts'
import type { DB } from './generated/db.ts'
import { invalidated } from './invalidated.events.ts'
import { createPartitionsRepository } from './partitions/partitions.repository.ts'
import { createPartitionUpkeep } from './partitions/partitions.upkeep.ts'
import { followProducts, PRODUCT_FACTS_CONSUMER } from './product-facts/product-facts.consumer.ts'
import { createProductFactsRepository } from './product-facts/product-facts.repository.ts'
import { resolvers, schema } from './schema.ts'
import { createTrendingRefresh } from './trending/trending.refresh.ts'
import { createTrendingRepository } from './trending/trending.repository.ts'

/** What the service runs on. Whoever opened it closes it. */
export interface AnalyticsParts extends SharedParts<DB> {
  readonly secret: string
  readonly shutdown: ShutdownTimes
  /** How many months of activity are kept, this one included. */
  readonly retentionMonths: number
}

const PRUNE_INTERVAL_MS = 6 * 3_600_000

/** The service: the subgraph, its consumers, its relay and its jobs. */
export async function createAnalytics(parts: AnalyticsParts): Promise<Service> {
  const { database, databaseUrl, cache, bus, observed, logger, secret, shutdown, retentionMonths } = parts
  const { db } = database
  const activity = createActivityRepository()
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
  const partitions = createPartitionUpkeep({
    repository: createPartitionsRepository(db),
    retentionMonths,
    logger,
  })
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
  let pruning: NodeJS.Timeout | undefined

  /** What a failed turn leaves, the next one does. */
  async function prune(): Promise<void> {
    await asOperation('prune inbox', () => pruneInbox(db)).catch((error: unknown) =>
      logger.error({ err: error }, 'the inbox could not be pruned'),
    )
  }

  return {
    subgraph,
    async start() {
      // Before anything is counted: what comes earlier than its month has to be moved later.
      await Promise.all([partitions.start(), prune()])
      pruning = setInterval(() => void prune(), PRUNE_INTERVAL_MS)
      relay.start()
      await Promise.all([refresh.start(), ...consumers.map((consumer) => consumer.start())])
    },
    async close() {
      clearInterval(pruning)
      await subgraph.close()
      await Promise.all([
        partitions.close(),
        refresh.close(),
        ...consumers.map((consumer) => consumer.close()),
      ])
      await relay.close()
    },
  }
}
