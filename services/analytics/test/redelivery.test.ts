import { randomUUID } from 'node:crypto'
import { type EventDefinition, makeEvent } from '@freshet/events'
import { encodeId } from '@freshet/subgraph'
import { openFailingCache, openOwnBus } from '@freshet/subgraph/testing'
import { eventually } from '@freshet/testing'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { activityTracked } from '../src/activity/activity.events.ts'
import { dashboardTag } from '../src/dashboard/dashboard.cache.ts'
import { productChanged } from '../src/product-facts/product-facts.events.ts'
import { productStatsTag } from '../src/product-stats/product-stats.cache.ts'
import { insertFacts, openAnalytics, seller } from './harness.ts'

/** A group that lost its only consumer waits for a while before it lets another one go on. */
const REBALANCED = { timeoutMs: 120_000 }

const topics = ['catalog.product', 'analytics.activity', 'analytics.product-stats', 'analytics.dead-letters']
let own: Awaited<ReturnType<typeof openOwnBus>>
let analytics: Awaited<ReturnType<typeof openAnalytics>>

// Each test stops the only consumer in the middle of its work, and starts another: groups of its own.
beforeEach(async () => {
  own = await openOwnBus('analytics', topics, { partitions: 1 })
  analytics = await openAnalytics(own)
  await insertFacts(analytics.database, 1)
})
afterEach(async () => {
  await analytics?.close()
  await own?.close()
})

const publish = (event: EventDefinition, data: unknown) =>
  own.bus.publish([
    { topic: event.topic, key: '1', value: JSON.stringify(makeEvent(event.owner, { event, data })) },
  ])

/** Runs `deliver` while the only consumer's invalidations fail; what `look` saw whenever one of `tag` was asked for. */
async function whileFailing<Seen>(tag: string, look: () => Promise<Seen>, deliver: () => Promise<void>) {
  const seen: Seen[] = []
  const { cache } = openFailingCache(analytics, async (tags) => {
    // The trending lists are invalidated, too.
    if (tags.includes(tag)) seen.push(await look())
  })
  const failing = await analytics.openWith(cache)
  await failing.start()
  await deliver()
  // Tried, and tried again: an event is not done with a failure.
  await eventually(() => expect(seen.length).toBeGreaterThan(1), REBALANCED)
  await failing.close()
  return seen
}

test('activity is stored before the cache is told, and told again by another process where that failed', async () => {
  const views = async (): Promise<number> => {
    const { data } = await analytics.subgraph.executeOperation({
      query:
        'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { stats { views } } } }',
      variables: { of: [{ __typename: 'Product', id: encodeId('Product', '1') }] },
    })
    return data._entities[0].stats.views
  }
  const counted = async () => {
    const { rows } = await sql<{ views: number }>`select views::int from product_stats`.execute(
      analytics.database.db,
    )
    return rows.map((row) => row.views)
  }
  expect(await views()).toBe(0)
  const seen = await whileFailing(productStatsTag('1'), counted, () =>
    publish(activityTracked as EventDefinition, {
      activityId: randomUUID(),
      kind: 'VIEW',
      productId: '1',
      userId: null,
      quantity: 1,
      occurredAt: new Date().toISOString(),
    }),
  )
  expect(new Set(seen.flat())).toEqual(new Set([1]))
  expect(await views()).toBe(0)
  await analytics.analytics.start()
  await eventually(async () => expect(await views()).toBe(1), REBALANCED)
})

test("catalog's change is stored before the cache is told, and told again by another process where that failed", async () => {
  await sql`insert into product_stats_daily (product_id, day, views, purchases)
    values (1, (now() at time zone 'UTC')::date, 5, 1)`.execute(analytics.database.db)
  const titles = async () => {
    const { data } = await analytics.subgraph.executeOperation({
      query: `{ dashboard(sellerId: "${encodeId('User', seller.id)}", days: 7) { topProducts(first: 1) { title } } }`,
      viewer: seller,
    })
    return data.dashboard.topProducts.map(({ title }: { title: string }) => title)
  }
  const stored = async () => {
    const { rows } = await sql<{ title: string }>`select title from product_facts`.execute(
      analytics.database.db,
    )
    return rows.map((row) => row.title)
  }
  expect(await titles()).toEqual(['Product 1'])
  const event: EventDefinition = { ...productChanged, owner: 'catalog', description: '', subject: () => '1' }
  const seen = await whileFailing(dashboardTag(seller.id), stored, () =>
    publish(event, {
      productId: '1',
      version: 2,
      title: 'Renamed',
      sellerId: seller.id,
      categoryIds: ['1', '2'],
      price: { amount: 900, currency: 'USD' },
    }),
  )
  expect(new Set(seen.flat())).toEqual(new Set(['Renamed']))
  expect(await titles()).toEqual(['Product 1'])
  await analytics.analytics.start()
  await eventually(async () => expect(await titles()).toEqual(['Renamed']), REBALANCED)
})
