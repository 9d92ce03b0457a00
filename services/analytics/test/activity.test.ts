import { randomUUID } from 'node:crypto'
import { makeEvent, readData } from '@freshet/events'
import { encodeId, type InvalidateOutward } from '@freshet/subgraph'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { type Activity, activityTracked } from '../src/activity/activity.events.ts'
import { createTrendingRepository } from '../src/trending/trending.repository.ts'
import {
  admin,
  createDelivery,
  customer,
  insertFacts,
  makePartitions,
  openAnalytics,
  seller,
} from './harness.ts'

let analytics: Awaited<ReturnType<typeof openAnalytics>>
let deliver: (activities: Activity[]) => Promise<void>

beforeAll(async () => {
  analytics = await openAnalytics()
  const { database, cache } = analytics
  await insertFacts(database, 100)
  await makePartitions(database)
  deliver = createDelivery({ database, cache, invalidateOutward: (tags) => cache.invalidate(tags) })
})

afterAll(() => analytics?.close())

const untold: InvalidateOutward = async () => ({ sequence: '0' })

const activityOf = (change: Partial<Activity>): Activity => ({
  activityId: randomUUID(),
  kind: 'VIEW',
  productId: '1',
  userId: null,
  quantity: 1,
  occurredAt: new Date().toISOString(),
  ...change,
})

async function statsOf(productId: string) {
  const { data, errors } = await analytics.subgraph.executeOperation({
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product {
      stats { views cartAdds purchases conversionRate viewsLast7Days lastActivityAt } } } }`,
    variables: { of: [{ __typename: 'Product', id: encodeId('Product', productId) }] },
  })
  expect(errors).toBeUndefined()
  return data._entities[0].stats
}

test('shows zeros for a product that nothing has happened to', async () => {
  expect(await statsOf('99')).toEqual({
    views: 0,
    cartAdds: 0,
    purchases: 0,
    conversionRate: null,
    viewsLast7Days: 0,
    lastActivityAt: null,
  })
})

test('shows counted activity in the next query, although the statistics were cached', async () => {
  expect((await statsOf('10')).views).toBe(0)
  const last = new Date().toISOString()
  await deliver([
    activityOf({ productId: '10', occurredAt: last }),
    activityOf({ productId: '10', occurredAt: last }),
    activityOf({ productId: '10', kind: 'CART_ADD', occurredAt: last }),
    activityOf({ productId: '10', kind: 'PURCHASE', userId: '6', occurredAt: last }),
  ])
  expect(await statsOf('10')).toEqual({
    views: 2,
    cartAdds: 1,
    purchases: 1,
    conversionRate: 0.5,
    viewsLast7Days: 2,
    lastActivityAt: last,
  })
})

test('shows counted activity on the dashboard of every seller concerned, although they were cached', async () => {
  await sql`update product_facts set seller_id = 10 where product_id = 17`.execute(analytics.database.db)
  const views = async () => {
    const of = (id: number) => `dashboard(sellerId: "${encodeId('User', String(id))}", days: 7) { views }`
    const { data } = await analytics.subgraph.executeOperation({
      query: `{ nine: ${of(9)} ten: ${of(10)} }`,
      viewer: admin,
    })
    return [data.nine.views, data.ten.views]
  }
  const [nine, ten] = await views()
  await deliver([activityOf({ productId: '16' }), activityOf({ productId: '17' })])
  expect(await views()).toEqual([nine + 1, ten + 1])
})

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
/** As it is read from Kafka, whoever has sent it. */
const readWith = (occurredAt: string) => {
  const event = makeEvent('analytics', { event: activityTracked, data: activityOf({}) })
  return readData(activityTracked, { ...event, data: { ...event.data, occurredAt } }).data
}

test.each([0, -6.9, -36])(
  'reads an activity of %d days ago: it may have waited, also as a dead letter',
  (days) => {
    const occurredAt = inDays(days)
    expect(readWith(occurredAt).occurredAt).toBe(occurredAt)
  },
)

test.each([inDays(1), inDays(-38), '9999-12-31T23:59:59.999Z', '2000-01-01T00:00:00.000Z'])(
  'does not read an activity of %s, which `track` has never let pass',
  (occurredAt) => {
    expect(() => readWith(occurredAt)).toThrow('data.occurredAt: is too long ago, or in the future')
  },
)

test('counts an event once, however often it is delivered, within a batch and across batches', async () => {
  const event = activityOf({ productId: '11' })
  await deliver([event, event])
  await deliver([event, activityOf({ productId: '11' })])
  expect((await statsOf('11')).views).toBe(2)
})

test('tells the caches again when a batch is delivered again after a crash behind the commit', async () => {
  const event = activityOf({ productId: '12' })
  const broken = { ...analytics.cache, invalidate: () => Promise.reject(new Error('killed')) }
  await statsOf('12')
  const crashing = createDelivery({ database: analytics.database, cache: broken, invalidateOutward: untold })
  await expect(crashing([event])).rejects.toThrow('killed')
  expect((await statsOf('12')).views).toBe(0)
  await deliver([event])
  expect((await statsOf('12')).views).toBe(1)
})

test('wakes the relay after its own cache is invalidated, even in vain, and only if something was counted', async () => {
  const steps: string[] = []
  let isBroken = false
  const counting = createDelivery({
    database: analytics.database,
    cache: {
      ...analytics.cache,
      async invalidate() {
        steps.push('invalidate')
        if (isBroken) throw new Error('no Redis')
        return { sequence: '1' }
      },
    },
    invalidateOutward: untold,
    wakeRelay: () => steps.push('wake'),
  })
  const event = activityOf({ productId: '15' })
  await counting([event])
  await counting([event])
  expect(steps.splice(0)).toEqual(['invalidate', 'wake', 'invalidate'])
  isBroken = true
  await expect(counting([activityOf({ productId: '15' })])).rejects.toThrow('no Redis')
  expect(steps).toEqual(['invalidate', 'wake'])
})

test("does not let one viewer take away another's activity by sending its id first", async () => {
  const activityId = randomUUID()
  await deliver([activityOf({ activityId, productId: '13', userId: '5' })])
  await deliver([activityOf({ activityId, productId: '13', userId: '6' })])
  expect((await statsOf('13')).views).toBe(2)
})

test('keeps a late event in the month and the day that it belongs to', async () => {
  const late = new Date(Date.now() - 6 * 86_400_000)
  await deliver([activityOf({ productId: '14', occurredAt: late.toISOString() })])
  const { rows } = await sql<{ day: string; partition: string }>`
    select (select day::text from product_stats_daily where product_id = 14) as day,
      tableoid::regclass::text as partition from activity where product_id = 14
  `.execute(analytics.database.db)
  expect(rows[0]).toEqual({
    day: late.toISOString().slice(0, 10),
    partition: `activity_${late.toISOString().slice(0, 7).replace('-', '_')}`,
  })
})

test('folds many batches, delivered at once and twice, into the sums that a recount gives', async () => {
  const kinds = ['VIEW', 'CART_ADD', 'PURCHASE'] as const
  const all = Array.from({ length: 600 }, (_, index) =>
    activityOf({
      productId: String(20 + (index % 15)),
      kind: kinds[index % 3],
      userId: String((index % 4) + 100),
      quantity: (index % 5) + 1,
      occurredAt: new Date(Date.now() - (index % 9) * 3_600_000 * 24).toISOString(),
    }),
  )
  const batches = Array.from({ length: 12 }, (_, index) => all.slice(index * 50, index * 50 + 60))
  await Promise.all(batches.map(deliver))
  const { rows } = await sql<{ product_id: string }>`
    with recount as (
      select product_id, count(*) filter (where kind = 'VIEW') as views,
        count(*) filter (where kind = 'CART_ADD') as cart_adds, count(*) filter (where kind = 'PURCHASE') as purchases,
        max(occurred_at) as last, coalesce(sum(price_minor * quantity) filter (where kind = 'PURCHASE'), 0) as revenue
      from activity where product_id between 20 and 34 group by product_id
    )
    select product_id from recount r
    join product_stats s using (product_id)
    join (select product_id, sum(views) as views, sum(purchases) as purchases from product_stats_daily group by 1) d using (product_id)
    join (select product_id, sum(views) as views, sum(cart_adds) as cart_adds from product_stats_hourly group by 1) h using (product_id)
    left join (select product_id, sum(revenue_minor) as revenue from product_revenue_daily group by 1) m using (product_id)
    where (s.views, s.cart_adds, s.purchases, s.last_activity_at, d.views, d.purchases, h.views, h.cart_adds, coalesce(m.revenue, 0))
      = (r.views, r.cart_adds, r.purchases, r.last, r.views, r.purchases, r.views, r.cart_adds, r.revenue)
  `.execute(analytics.database.db)
  expect(rows).toHaveLength(15)
})

test('lists what a viewer saw lately, each product once, and shows it to nobody else', async () => {
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const [latest, before] = [at(10), at(20)]
  await deliver([
    activityOf({ userId: '7', productId: '40', occurredAt: at(30) }),
    activityOf({ userId: '7', productId: '41', occurredAt: before }),
    activityOf({ userId: '7', productId: '40', occurredAt: latest }),
    activityOf({ userId: '7', productId: '42', occurredAt: at(15), kind: 'CART_ADD' }),
  ])
  const ask = (viewer: typeof customer | null) =>
    analytics.subgraph.executeOperation({
      query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User {
        recentlyViewed(first: 2) { viewedAt product { id } } } } }`,
      variables: { of: [{ __typename: 'User', id: encodeId('User', '7') }] },
      viewer,
    })
  expect((await ask(customer)).data._entities[0].recentlyViewed).toEqual([
    { viewedAt: latest, product: { id: encodeId('Product', '40') } },
    { viewedAt: before, product: { id: encodeId('Product', '41') } },
  ])
  expect((await ask(null)).data._entities[0].recentlyViewed).toBeNull()
  expect((await ask(seller)).data._entities[0].recentlyViewed).toBeNull()
})

test('reads the statistics of 50 products with as many statements as of 5', async () => {
  const trending = createTrendingRepository(analytics.database.db)
  await trending.refresh('DAY', new Date())
  const countFor = async (from: number, count: number) => {
    let statements = 0
    const stop = analytics.database.onStatement(() => statements++)
    const { errors } = await analytics.subgraph.executeOperation({
      query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { stats { views } trendRank } } }`,
      variables: {
        of: Array.from({ length: count }, (_, i) => ({
          __typename: 'Product',
          id: encodeId('Product', String(from + i)),
        })),
      },
    })
    stop()
    expect(errors).toBeUndefined()
    return statements
  }
  expect(await countFor(1_000, 5)).toBe(2)
  expect(await countFor(2_000, 50)).toBe(2)
  expect(await countFor(2_000, 50)).toBe(0)
})
