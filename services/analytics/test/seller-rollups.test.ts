import { randomUUID } from 'node:crypto'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Kysely, sql, type Transaction } from 'kysely'
import { up as fill } from '../migrations/0009_fill_seller_rollups.ts'
import type { Activity } from '../src/activity/activity.events.ts'
import { createActivityRepository } from '../src/activity/activity.repository.ts'
import { createDashboardRepository } from '../src/dashboard/dashboard.repository.ts'
import type { DB } from '../src/generated/db.ts'
import { createProductFactsRepository } from '../src/product-facts/product-facts.repository.ts'
import { makePartitions, openAnalytics } from './harness.ts'

/*
 * A dashboard equals what the stream says of the products that its seller has, whichever came first: the event, or the news of who
 * sells the product, or both at once.
 */

const TODAY = '2026-11-25'
const DAYS = 30

let analytics: Awaited<ReturnType<typeof openAnalytics>>
let db: Kysely<DB>
beforeAll(async () => {
  analytics = await openAnalytics()
  db = analytics.database.db
  await makePartitions(analytics.database, { now: new Date(`${TODAY}T00:00:00Z`) })
})
afterAll(() => analytics?.close())
beforeEach(async () => {
  await sql`
    truncate activity, product_facts, product_stats, product_stats_daily, product_stats_hourly, product_revenue_daily,
      seller_stats_daily, seller_revenue_daily, seller_sales_daily, recently_viewed`.execute(db)
})

const bought = (productId: string, change: Partial<Activity> = {}): Activity => ({
  activityId: randomUUID(),
  kind: 'PURCHASE',
  productId,
  userId: null,
  quantity: 2,
  occurredAt: `${TODAY}T12:00:00Z`,
  ...change,
})
const record = (trx: Transaction<DB>, activities: readonly Activity[]) =>
  createActivityRepository().record(trx, activities)
const tell = (trx: Transaction<DB>, productId: string, sellerId: string, version = 1) =>
  createProductFactsRepository(db).upsert(trx, {
    ...{ productId, sellerId, version, title: `Product ${productId}`, categoryIds: ['1'] },
    price: { amount: 500, currency: 'USD' },
  })

const dashboard = async (sellerId: string, days = DAYS) => {
  const [found] = await createDashboardRepository(db).findMany([{ sellerId, days }], TODAY)
  return found!
}

/** From the stream, without any rollup. */
async function recounted(sellerId: string, days = DAYS) {
  const own = sql`
    from activity a join product_facts f using (product_id)
    where f.seller_id = ${sellerId}::bigint and (occurred_at at time zone 'UTC')::date > ${TODAY}::date - ${days}::integer
      and (occurred_at at time zone 'UTC')::date <= ${TODAY}::date`
  const counts = sql`
    count(*) filter (where kind = 'VIEW')::integer as views, count(*) filter (where kind = 'PURCHASE')::integer as purchases`
  const [totals, products, revenue] = await Promise.all([
    sql`select ${counts} ${own}`.execute(db),
    sql`
      select product_id as "productId", title, ${counts} ${own}
      group by 1, 2 order by purchases desc, views desc, product_id limit 100`.execute(db),
    sql`
      select sum(a.price_minor * quantity)::integer as amount, a.currency ${own} and kind = 'PURCHASE' and a.currency is not null
      group by a.currency order by 1 desc`.execute(db),
  ])
  return { ...(totals.rows[0] as object), topProducts: products.rows, revenue: revenue.rows }
}

/** Begins both, the second when the first has done its work but not committed; the second waits until it has. */
async function atOnce(
  first: (trx: Transaction<DB>) => Promise<unknown>,
  second: (trx: Transaction<DB>) => Promise<unknown>,
): Promise<void> {
  const trx = await db.startTransaction().execute()
  await first(trx)
  const other = db.transaction().execute(second)
  await eventually(async () => {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    )
    expect(rows).toHaveLength(1)
  })
  await trx.commit().execute()
  await other
}

test.each<[string, (trx: Transaction<DB>) => Promise<unknown>, (trx: Transaction<DB>) => Promise<unknown>]>([
  ['an event, then who sells it', (trx) => record(trx, [bought('1')]), (trx) => tell(trx, '1', '9')],
  ['who sells it, then an event', (trx) => tell(trx, '1', '9'), (trx) => record(trx, [bought('1')])],
])('at once, of a product that nobody told of yet: %s', async (_what, first, second) => {
  await atOnce(first, second)
  expect(await dashboard('9')).toMatchObject({ purchases: 1, topProducts: [{ productId: '1' }] })
})

test('an event of a product that goes to another seller at once is counted for the new one alone', async () => {
  await db.transaction().execute((trx) => tell(trx, '1', '9'))
  await db.transaction().execute((trx) => record(trx, [bought('1')]))
  await atOnce(
    (trx) => record(trx, [bought('1')]),
    (trx) => tell(trx, '1', '10', 2),
  )
  expect(await dashboard('10')).toMatchObject({
    purchases: 2,
    revenue: [{ amount: 2_000, currency: 'USD' }],
    topProducts: [{ purchases: 2 }],
  })
  expect(await dashboard('9')).toMatchObject({ purchases: 0, topProducts: [] })
})

test('events of known products do not wait for a product that is told of, nor the other way round', async () => {
  await db.transaction().execute((trx) => tell(trx, '1', '9'))
  const telling = await db.startTransaction().execute()
  await tell(telling, '257', '9')
  await db.transaction().execute((trx) => record(trx, [bought('1')]))
  await telling.commit().execute()
  const counting = await db.startTransaction().execute()
  await record(counting, [bought('257')])
  await db.transaction().execute((trx) => tell(trx, '513', '8'))
  await counting.commit().execute()
  expect(await dashboard('9')).toMatchObject({ purchases: 2 })
})

/** Products from `from` on, all of seller 9; each with as many events of a kind as `count` says, one a day back from today. */
async function sell(from: number, to: number, count: (id: number) => { views: number; purchases: number }) {
  const ids = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  await db.transaction().execute(async (trx) => {
    for (const id of ids) await tell(trx, String(id), '9')
    const events = ids.flatMap((id) => {
      const { views, purchases } = count(id)
      return Array.from({ length: views + purchases }, (_, index) =>
        bought(String(id), {
          kind: index < views ? 'VIEW' : 'PURCHASE',
          occurredAt: new Date(Date.parse(`${TODAY}T23:59:59.999Z`) - index * 86_400_000).toISOString(),
        }),
      )
    })
    await record(trx, events)
  })
}

test.each<[string, (id: number) => { views: number; purchases: number }]>([
  ['more than a hundred that sold as often as the hundredth', (id) => ({ views: id % 11, purchases: 1 })],
  ['more than a hundred that sold', (id) => ({ views: id % 7, purchases: id % 5 })],
  ['few that sold, and others that were looked at', (id) => ({ views: id % 7, purchases: id % 40 ? 0 : 2 })],
  ['none that sold', (id) => ({ views: id % 9, purchases: 0 })],
  ['none at all', () => ({ views: 0, purchases: 0 })],
])('the best sellers are those of the stream: %s', async (_what, count) => {
  await sell(1, 300, count)
  for (const days of [1, 4, DAYS])
    expect(await dashboard('9', days)).toMatchObject(await recounted('9', days))
})

test('what was there before the triggers is filled in while it is counted on', async () => {
  await sell(1, 200, (id) => ({ views: id % 7, purchases: id % 5 }))
  const sellers = Array.from({ length: 45 }, (_, index) => String(100 + index))
  await db.transaction().execute(async (trx) => {
    for (const [index, sellerId] of sellers.entries()) {
      await tell(trx, String(1_000 + index), sellerId)
      await record(trx, [bought(String(1_000 + index))])
    }
  })
  await sql`truncate seller_stats_daily, seller_revenue_daily, seller_sales_daily`.execute(db)

  let isFilled = false
  let counted = 0
  const counting = (async () => {
    while (!isFilled || counted < 3) {
      const productId = String(counted % 2 ? 1 + (counted % 200) : 1_000 + (counted % 50))
      await db.transaction().execute((trx) => record(trx, [bought(productId)]))
      counted++
    }
  })()
  const telling = (async () => {
    for (let id = 1_040; id < 1_050; id++)
      await db.transaction().execute((trx) => tell(trx, String(id), '9', 2))
  })()
  // Twice: what was cut off is begun anew, by another session. One connection, as a migration has.
  await db.connection().execute(async (connection) => {
    await fill(connection as unknown as Kysely<unknown>)
    await sql`discard temporary`.execute(connection)
    await fill(connection as unknown as Kysely<unknown>)
  })
  isFilled = true
  await Promise.all([counting, telling])
  for (const sellerId of ['9', ...sellers])
    expect(await dashboard(sellerId)).toMatchObject(await recounted(sellerId))
})
