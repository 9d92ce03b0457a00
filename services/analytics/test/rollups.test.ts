import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import type { Activity } from '../src/activity/activity.events.ts'
import { createProductFactsRepository } from '../src/product-facts/product-facts.repository.ts'
import { createTrendingRepository } from '../src/trending/trending.repository.ts'
import { createDelivery, insertFacts, makePartitions, openAnalytics } from './harness.ts'
import { recomputedRollups, rollups } from './recounts.ts'

/*
 * What is folded event by event equals what a recount of the whole stream gives: after duplicates, late and reordered
 * events, from consumers that work at once, while prices change and partitions are made.
 */

let analytics: Awaited<ReturnType<typeof openAnalytics>>
beforeAll(async () => {
  analytics = await openAnalytics()
  // Catalog tells of products 31 to 36 in the midst of it, and never of 37 to 40: their purchases have no price until then.
  await insertFacts(analytics.database, 30)
})
afterAll(() => analytics?.close())

/** Numbers from 0 to `below` - 1 that depend on the seed alone: a run that fails can be run again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
type Random = ReturnType<typeof createRandom>

/** Several leaves below one root, which has more products than a category's list is long. */
const PATHS = [
  ['1', '2'],
  ['1', '3', '4'],
  ['1', '3', '5'],
]
const CONSUMERS = 4
const EVENTS = 3_000
const KINDS = ['VIEW', 'VIEW', 'VIEW', 'CART_ADD', 'PURCHASE'] as const

function eventsOf(seed: number, random: Random): Activity[] {
  const now = Date.now()
  return Array.from({ length: EVENTS }, (_, index) => ({
    // Two viewers may send the same id.
    activityId: `00000000-0000-4000-8000-${(seed * EVENTS + index - (index % 7 === 0 ? 1 : 0)).toString(16).padStart(12, '0')}`,
    kind: KINDS[random(KINDS.length)]!,
    productId: String(1 + Math.min(random(40), random(40))),
    userId: index % 7 === 0 ? String(1000 + index) : random(3) === 0 ? null : String(1 + random(12)),
    quantity: 1 + random(5),
    // Half of them are of the last hours, the others up to 36 days late.
    occurredAt: new Date(now - random(random(2) ? 36 * 86_400_000 : 6 * 3_600_000)).toISOString(),
  }))
}

/** What each consumer is given, batch by batch: in no order, a third of it twice or more, also to two of them at once. */
function deliveriesOf(events: readonly Activity[], random: Random): Activity[][][] {
  const sent = [...events, ...events.filter(() => random(3) === 0), ...events.filter(() => random(20) === 0)]
  for (let i = sent.length - 1; i > 0; i--) {
    const j = random(i + 1)
    ;[sent[i], sent[j]] = [sent[j]!, sent[i]!]
  }
  const batches: Activity[][] = []
  for (let from = 0; from < sent.length; ) {
    const size = 1 + random(200)
    batches.push(sent.slice(from, from + size))
    from += size
  }
  const consumers: Activity[][][] = Array.from({ length: CONSUMERS }, () => [])
  for (const batch of batches) {
    consumers[random(CONSUMERS)]!.push(batch)
    // As after a rebalance: another consumer gets what the first had not committed.
    if (random(5) === 0) consumers[random(CONSUMERS)]!.push(batch)
  }
  return consumers
}

const count = async (table: string) => {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::integer as count from ${sql.raw(table)}`.execute(analytics.database.db)
  return rows[0]?.count
}

test.each([1, 2, 3])('every rollup equals a recount of the stream, run %d', async (seed) => {
  const { database, cache } = analytics
  const random = createRandom(seed)
  const events = eventsOf(seed, random)
  const deliver = createDelivery({ database, cache, invalidateOutward: (tags) => cache.invalidate(tags) })
  const facts = createProductFactsRepository(database.db)
  const before = await count('activity')

  const consumers = deliveriesOf(events, random).map(async (batches) => {
    for (const batch of batches) await deliver(batch)
  })
  const changes = (async () => {
    for (let version = 2; version <= 20; version++)
      await database.db.transaction().execute((trx) =>
        facts.upsert(trx, {
          productId: String(1 + random(36)),
          ...{ version: seed * 100 + version, title: 'Changed', categoryIds: PATHS[random(PATHS.length)]! },
          sellerId: String(8 + random(3)),
          price: { amount: random(10_000), currency: random(4) === 0 ? 'EUR' : 'USD' },
        }),
      )
    // The first run begins without any month: all rows are in the default partition by now.
    await makePartitions(database)
  })()
  await Promise.all([...consumers, changes])

  expect(Number(await count('activity')) - Number(before)).toBe(events.length)
  for (const { rollup, differences } of rollups) {
    expect(await count(rollup)).toBeGreaterThan(10)
    const { rows } = await sql.raw(differences).execute(database.db)
    expect({ rollup, rows }).toEqual({ rollup, rows: [] })
  }
})

const isWithinDays = (now: Date, days: number) => sql`
  (occurred_at at time zone 'UTC')::date > (${now}::timestamptz at time zone 'UTC')::date - ${days}::integer`

test.each([
  [
    'DAY',
    (now: Date) => sql`
      date_trunc('hour', occurred_at, 'UTC') > date_trunc('hour', ${now}::timestamptz, 'UTC') - interval '24 hours'`,
  ],
  ['WEEK', (now: Date) => isWithinDays(now, 7)],
  ['MONTH', (now: Date) => isWithinDays(now, 30)],
] as const)('the list of the %s equals one that is made from the stream', async (window, isWithin) => {
  const { db } = analytics.database
  // One for both: the hour may end in between.
  const now = new Date()
  await createTrendingRepository(db).refresh(window, now)
  const { rows: lists } = await sql`
    select product_id, score::integer from trending where time_window = ${window} order by rank`.execute(db)
  const { rows: recounted } = await sql`
    select product_id, sum(case kind when 'VIEW' then 1 when 'CART_ADD' then 5 else 20 end)::integer as score
    from activity where ${isWithin(now)} and product_id in (select product_id from product_facts)
    group by 1 order by score desc, product_id`.execute(db)
  expect(lists.length).toBeGreaterThan(10)
  expect(lists).toEqual(recounted)
})

test('lists and totals of categories equal a recount of the stream', async () => {
  const { db } = analytics.database
  const now = new Date()
  await createTrendingRepository(db).refresh('CATEGORIES', now)
  for (const { rollup, differences } of recomputedRollups(now)) {
    const { rows } = await sql.raw(differences).execute(db)
    expect({ rollup, rows }).toEqual({ rollup, rows: [] })
  }
  // The root's list is full, and its leaves have products that are not in it.
  const { rows } = await sql<{ root: number; listed: number }>`
    select count(*) filter (where category_id = 1)::integer as root, count(distinct product_id)::integer as listed
    from category_top`.execute(db)
  expect(rows).toEqual([{ root: 24, listed: expect.any(Number) }])
  expect(rows[0]?.listed).toBeGreaterThan(24)
  expect(await count('category_stats')).toBe(5)
})

test('lists of categories that are brought up to date equal those that are made anew', async () => {
  const { db } = analytics.database
  const trending = createTrendingRepository(db)
  const lists = async () =>
    (
      await sql`select * from category_top natural full join category_stats order by category_id, rank`.execute(
        db,
      )
    ).rows
  await trending.refresh('CATEGORIES', new Date())
  const before = await lists()
  // Three weeks later most of the month is another.
  const later = new Date(Date.now() + 21 * 86_400_000)
  await trending.refresh('CATEGORIES', later)
  const updated = await lists()
  expect(updated).not.toEqual(before)
  await sql`truncate category_top, category_stats`.execute(db)
  await trending.refresh('CATEGORIES', later)
  expect(updated).toEqual(await lists())
  expect(updated.length).toBeGreaterThan(10)
})
