import { randomUUID } from 'node:crypto'
import { StatementTimeoutError } from '@freshet/database'
import { eventually, withClient } from '@freshet/testing'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { createActivityRepository } from '../src/activity/activity.repository.ts'
import { createPartitionsRepository } from '../src/partitions/partitions.repository.ts'
import { makePartitions, openAnalytics } from './harness.ts'

let analytics: Awaited<ReturnType<typeof openAnalytics>>
beforeEach(async () => {
  analytics = await openAnalytics()
})
afterEach(() => analytics?.close())

const at = (time: string) => ({ now: new Date(time), retentionMonths: 3 })

/** As the consumer does: the stream and every rollup. */
async function record(times: readonly string[]): Promise<void> {
  const activities = times.map((occurredAt) => ({
    ...({
      activityId: randomUUID(),
      kind: 'VIEW',
      productId: '1',
      userId: null,
      quantity: 1,
      occurredAt,
    } as const),
  }))
  await analytics.database.db
    .transaction()
    .execute((trx) => createActivityRepository().record(trx, activities))
}

/** How many rows each partition has; those without any are left out. */
async function rowsByPartition(): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; count: number }>`
    select tableoid::regclass::text as name, count(*)::integer as count from activity group by 1 order by 1
  `.execute(analytics.database.db)
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}

async function tables(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relname like 'activity\\_2%' order by 1
  `.execute(analytics.database.db)
  return rows.map(({ name }) => name)
}

/** Writes until it is told to stop, in some connections at once. */
function startWriting(times: readonly string[]) {
  let isStopped = false
  let written = 0
  const writers = Array.from({ length: 4 }, async () => {
    while (!isStopped) {
      await record(times)
      written += times.length
    }
  })
  return {
    written: () => written,
    async stop(): Promise<number> {
      isStopped = true
      await Promise.all(writers)
      return written
    },
  }
}

const inspect = (now: string) => createPartitionsRepository(analytics.database.db).inspect(new Date(now))

test('makes the months of late events, and two ahead, a year at once', async () => {
  expect(await inspect('2026-11-20T12:00:00Z')).toEqual({ months: 0, defaultRows: 0, age: null })
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  expect(await inspect('2026-11-20T12:00:05Z')).toEqual({ months: 24 - 8, defaultRows: 0, age: 5 })
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  const all = await tables()
  expect([all[0], all[1], all.at(-1), all.length]).toEqual([
    'activity_2026',
    'activity_2026_09',
    'activity_2027_12',
    18,
  ])
  await record(['2026-10-14T23:59:59.999Z', '2026-11-01T00:00:00Z', '2027-01-01T00:00:00Z'])
  expect(await rowsByPartition()).toEqual({ activity_2026_10: 1, activity_2026_11: 1, activity_2027_01: 1 })
})

test('keeps what no month takes in the default partition, and moves it when its year is made', async () => {
  await record(['2026-11-01T00:00:00Z', '2027-03-31T23:59:59Z', '2031-05-05T05:05:05Z'])
  expect(await rowsByPartition()).toEqual({ activity_default: 3 })
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  expect(await rowsByPartition()).toEqual({ activity_2026_11: 1, activity_2027_03: 1, activity_default: 1 })
  expect(await inspect('2026-11-20T12:00:00Z')).toMatchObject({ defaultRows: 1 })
  // Rows of a far future wait until it comes.
  await makePartitions(analytics.database, at('2031-05-20T12:00:00Z'))
  expect(await rowsByPartition()).toEqual({ activity_2031_05: 1 })
})

test('loses nothing that is written while the default partition is drained', async () => {
  const writing = startWriting(['2026-10-01T00:00:00Z', '2026-11-11T11:11:11Z', '2027-01-01T00:00:00Z'])
  await eventually(() => expect(writing.written()).toBeGreaterThan(300))
  expect(await rowsByPartition()).toEqual({ activity_default: expect.any(Number) })
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  const drained = writing.written()
  await eventually(() => expect(writing.written()).toBeGreaterThan(drained + 300))
  const written = await writing.stop()
  expect(await rowsByPartition()).toEqual({
    activity_2026_10: written / 3,
    activity_2026_11: written / 3,
    activity_2027_01: written / 3,
  })
})

/** Rows that no month takes yet, as a long outage of the upkeep leaves them. */
const fillDefault = (count: number) =>
  sql`
    insert into activity (activity_id, kind, product_id, quantity, occurred_at)
    select gen_random_uuid(), 'VIEW', 1, 1, '2026-01-01T00:00:00Z'::timestamptz + i * interval '1 minute'
    from generate_series(0, ${count}::integer - 1) i`.execute(analytics.database.db)

const countIn = async (table: string) => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ${sql.ref(table)}`.execute(analytics.database.db)
  return rows[0]?.count
}

test('drains many rows in short transactions, in which no write fails', async () => {
  await fillDefault(20_000)
  let batches = 0
  const stop = analytics.database.onStatement((statement) => {
    if (statement.includes('move_activity_to_year')) batches++
  })
  const writing = startWriting(['2026-10-01T00:00:00Z', '2026-11-11T11:11:11Z', '2030-01-01T00:00:00Z'])
  await makePartitions(analytics.database, { ...at('2026-11-20T12:00:00Z'), retentionMonths: 13 })
  stop()
  const written = await writing.stop()
  expect(batches).toBeGreaterThan(10)
  expect(await countIn('activity')).toBe(20_000 + written)
  expect(await countIn('activity_default')).toBe(written / 3)
})

test('goes on with a year that was interrupted, though no other would make it now', async () => {
  await record(['2026-11-02T00:00:00Z', '2026-11-03T00:00:00Z'])
  const { db } = analytics.database
  await sql`select make_activity_year(2026, '2026-09-01T00:00:00Z')`.execute(db)
  await sql`select move_activity_to_year(2026, 1)`.execute(db)
  await sql`select move_activity_to_year(2026, 1)`.execute(db)
  expect([await countIn('activity'), await countIn('activity_2026')]).toEqual([0, 2])
  await record(['2026-11-04T00:00:00Z'])
  await makePartitions(analytics.database, { now: new Date('2027-06-20T12:00:00Z') })
  expect(await rowsByPartition()).toEqual({ activity_2026_11: 3 })
})

test('makes a month that its year lacks, but none that retention has ended', async () => {
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  await sql`drop table activity_2026_12`.execute(analytics.database.db)
  await expect(record(['2026-12-01T00:00:00Z'])).rejects.toThrow('no partition of relation')
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  await record(['2026-12-01T00:00:00Z'])
  expect(await rowsByPartition()).toEqual({ activity_2026_12: 1 })
  expect(await tables()).not.toContain('activity_2026_08')
  const { rows } = await sql<{ name: string }>`
    select distinct conname as name from pg_constraint where conname like 'within%'`.execute(
    analytics.database.db,
  )
  expect(rows).toEqual([])
})

test('detaches and drops the months beyond retention, while others write, and loses nothing else', async () => {
  await makePartitions(analytics.database, at('2026-02-10T00:00:00Z'))
  await record(
    Array.from({ length: 500 }, (_, i) => new Date(Date.UTC(2025, 11, 1 + (i % 31))).toISOString()),
  )
  const writing = startWriting(['2026-02-01T00:00:00Z', '2026-03-19T11:11:11Z'])
  await eventually(() => expect(writing.written()).toBeGreaterThan(200))
  await makePartitions(analytics.database, at('2026-04-20T12:00:00Z'))
  const written = await writing.stop()
  expect(await rowsByPartition()).toEqual({ activity_2026_02: written / 2, activity_2026_03: written / 2 })
  // Whatever was counted stays so.
  const { rows } = await sql<{ views: number }>`select views::integer from product_stats`.execute(
    analytics.database.db,
  )
  expect(rows).toEqual([{ views: written + 500 }])
  expect((await tables()).filter((name) => name < 'activity_2026_02')).toEqual([
    'activity_2025',
    'activity_2026',
  ])
})

test('waits for who reads while others write on, and ends another time what took too long', async () => {
  await makePartitions(analytics.database, at('2026-02-10T00:00:00Z'))
  await record(['2026-01-05T00:00:00Z'])
  const turn = at('2026-04-20T12:00:00Z')
  // Of its own, which may be idle for as long as it takes.
  await withClient(analytics.testDatabase.url, async (reader) => {
    await reader.query('begin')
    await reader.query('select count(*) from activity')
    // Only the step that waits for it may take that long.
    const cutOff = makePartitions(analytics.database, { ...turn, timeoutMs: 3_000 })
    await expect(cutOff).rejects.toBeInstanceOf(StatementTimeoutError)
    await record(['2026-04-20T11:00:00Z', '2026-02-20T11:00:00Z'])
    await reader.query('rollback')
  })
  const { rows } = await sql`select from pg_inherits where inhdetachpending`.execute(analytics.database.db)
  expect(rows).toHaveLength(1)
  await makePartitions(analytics.database, turn)
  expect(await rowsByPartition()).toEqual({ activity_2026_02: 1, activity_2026_04: 1 })
  expect(await tables()).not.toContain('activity_2026_01')
})

test('drops what another process had detached before it died', async () => {
  await makePartitions(analytics.database, at('2026-02-10T00:00:00Z'))
  await sql`alter table activity_2026 detach partition activity_2026_01`.execute(analytics.database.db)
  await makePartitions(analytics.database, at('2026-03-20T00:00:00Z'))
  expect(await tables()).toContain('activity_2026_01')
  await makePartitions(analytics.database, at('2026-04-20T00:00:00Z'))
  expect(await tables()).not.toContain('activity_2026_01')
})

test('what the default partition has of the time beyond retention goes with it', async () => {
  await record([...Array.from({ length: 2_001 }, () => '2001-01-01T00:00:00Z'), '2026-02-01T00:00:00Z'])
  const deletes: string[] = []
  const stop = analytics.database.onStatement((statement) => {
    if (statement.includes('delete from activity_default where ctid')) deletes.push(statement)
  })
  await makePartitions(analytics.database, at('2026-04-20T00:00:00Z'))
  stop()
  expect(await rowsByPartition()).toEqual({ activity_2026_02: 1 })
  // A few rows at a time, and once for none.
  expect(deletes).toHaveLength(3)
})

test('tries again for a lock that somebody holds, and does not keep others waiting behind it', async () => {
  let tries = 0
  const stop = analytics.database.onStatement((statement) => {
    if (statement.includes('attach_activity_year')) tries++
  })
  const turn = await withClient(analytics.testDatabase.url, async (holder) => {
    await holder.query('begin')
    await holder.query('select count(*) from activity')
    const made = makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
    await eventually(() => expect(tries).toBeGreaterThan(1))
    await record(['2026-11-20T11:00:00Z'])
    return { made }
  })
  expect(await turn.made).toBe(true)
  stop()
  expect(await rowsByPartition()).toEqual({ activity_2026_11: 1 })
})

test('leaves the work to the process that is at it, and takes it over when that has ended', async () => {
  const other = await analytics.database.pool.connect()
  await other.query("select pg_advisory_lock(hashtext('partitions'))")
  expect(await makePartitions(analytics.database)).toBe(false)
  expect(await tables()).toEqual([])
  other.release(true)
  await eventually(async () => expect(await makePartitions(analytics.database)).toBe(true))
})

test('gives its connection back as it was', async () => {
  const shown = async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, () =>
        sql<{
          timeout: string
        }>`select current_setting('statement_timeout') as timeout, pg_sleep(0.05)`.execute(
          analytics.database.db,
        ),
      ),
    )
    return new Set(all.map(({ rows }) => rows[0]?.timeout))
  }
  const before = await shown()
  await makePartitions(analytics.database, at('2026-11-20T12:00:00Z'))
  expect(await shown()).toEqual(before)
})
