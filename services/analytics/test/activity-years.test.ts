import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Kysely, sql } from 'kysely'
import { up as checkMonths } from '../migrations/0005_activity_months_checked.ts'
import { up as moveMonths } from '../migrations/0006_activity_years.ts'
import { makePartitions, openAnalytics } from './harness.ts'

let analytics: Awaited<ReturnType<typeof openAnalytics>>
beforeAll(async () => {
  analytics = await openAnalytics()
})
afterAll(() => analytics?.close())

test('months that the stream had move to their years with their rows, and those of the default partition too', async () => {
  const { db } = analytics.database
  // As it was before this migration.
  await sql`drop function open_activity_year`.execute(db)
  await sql`drop table activity_upkeep`.execute(db)
  for (const [name, from, to] of [
    ['activity_2026_12', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['activity_2027_01', '2027-01-01T00:00:00Z', '2027-02-01T00:00:00Z'],
  ])
    await sql`create table ${sql.ref(name!)} partition of activity for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(
      db,
    )
  const write = (times: readonly string[]) =>
    sql`
      insert into activity (activity_id, kind, product_id, quantity, occurred_at)
      select gen_random_uuid(), 'VIEW', 1, 1, time from unnest(${times}::timestamptz[]) as time`.execute(db)
  await write([
    '2026-12-31T23:59:59.999Z',
    '2027-01-01T00:00:00Z',
    '2027-05-05T00:00:00Z',
    '2031-01-01T00:00:00Z',
  ])

  // Twice: what was cut off is begun anew.
  await checkMonths(db as unknown as Kysely<unknown>)
  await checkMonths(db as unknown as Kysely<unknown>)
  await db.transaction().execute((trx) => moveMonths(trx as unknown as Kysely<unknown>))

  const { rows } = await sql<{ name: string; count: number }>`
    select tableoid::regclass::text as name, count(*)::integer as count from activity group by 1 order by 1`.execute(
    db,
  )
  expect(rows).toEqual(
    ['activity_2026_12', 'activity_2027_01', 'activity_2027_05', 'activity_default'].map((name) => ({
      name,
      count: 1,
    })),
  )
  // Every month has the stream's indexes, whichever way it came.
  const { rows: indexes } = await sql<{ count: number }>`
    select count(*)::integer as count from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relname ~ '^activity_\\d{4}_\\d{2}$' group by c.relname having bool_and(i.indisvalid)`.execute(db)
  expect(indexes).toEqual(Array.from({ length: 24 }, () => ({ count: 2 })))
  await makePartitions(analytics.database, { now: new Date('2026-12-20T00:00:00Z') })
  await write(['2026-12-01T00:00:00Z', '2027-02-01T00:00:00Z'])
})
