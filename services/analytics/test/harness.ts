import type { Cache } from '@freshet/cache'
import type { CloudEvent, EventBus } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import type { InvalidateOutward } from '@freshet/subgraph'
import { openTestParts } from '@freshet/subgraph/testing'
import { createLogger } from '@freshet/telemetry'
import { sql } from 'kysely'
import { countActivity } from '../src/activity/activity.consumer.ts'
import type { Activity } from '../src/activity/activity.events.ts'
import { createActivityRepository } from '../src/activity/activity.repository.ts'
import type { DB } from '../src/generated/db.ts'
import { createPartitionsRepository } from '../src/partitions/partitions.repository.ts'
import { keepPartitions } from '../src/partitions/partitions.upkeep.ts'
import { createProductFactsRepository } from '../src/product-facts/product-facts.repository.ts'
import { createAnalytics } from '../src/service.ts'

const SECRET = 'a-secret-of-the-tests'

export const service = { service: 'analytics', migrations: new URL('../migrations/', import.meta.url) }

/** The whole service on real parts; nothing is started, so nothing changes behind a test's back. */
export async function openAnalytics({ bus }: { bus?: EventBus } = {}) {
  const parts = await openTestParts<DB>({ ...service, bus })
  const openWith = (cache: Cache) =>
    createAnalytics({ ...parts, cache, secret: SECRET, shutdown: { graceMs: 1_000 }, retentionMonths: 13 })
  const analytics = await openWith(parts.cache)
  return {
    ...parts,
    analytics,
    /** One more process of the service, on the same database and bus, with another cache. */
    openWith,
    subgraph: analytics.subgraph,
    async close() {
      await analytics.close()
      await parts.close()
    },
  }
}

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

/** Hands activities to what the consumer does with a batch of them, as Kafka would. */
export function createDelivery({
  database: { db },
  cache,
  invalidateOutward,
  wakeRelay = () => {},
}: Pick<Awaited<ReturnType<typeof openAnalytics>>, 'database' | 'cache'> & {
  invalidateOutward: InvalidateOutward
  wakeRelay?: () => void
}): (activities: readonly Activity[]) => Promise<void> {
  const activity = createActivityRepository()
  const facts = createProductFactsRepository(db)
  const handler = countActivity({ db, activity, facts, cache, invalidateOutward, wakeRelay })
  if (handler.kind !== 'batch') throw new Error('activity is counted in batches')
  return (activities) =>
    handler.handle(
      activities.map((data) => ({ data }) as CloudEvent),
      { consumer: 'test', attempt: 1, signal: new AbortController().signal },
    )
}

/** Makes partitions as the service does when it starts. */
export async function makePartitions(
  { db }: Awaited<ReturnType<typeof openAnalytics>>['database'],
  {
    now = new Date(),
    retentionMonths = 13,
    timeoutMs,
  }: { now?: Date; retentionMonths?: number; timeoutMs?: number } = {},
): Promise<boolean> {
  const logger = createLogger('partitions', { level: 'silent' })
  return keepPartitions(createPartitionsRepository(db, { timeoutMs }), { now, retentionMonths, logger })
}
