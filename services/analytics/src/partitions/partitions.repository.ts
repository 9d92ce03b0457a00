import { setTimeout as wait } from 'node:timers/promises'
import { inBatches, LockTimeoutError } from '@freshet/database'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

/** A month of the stream, attached to its year. */
export interface MonthPartition {
  /** `activity_2026_11` */
  name: string
  /** `2026-11` */
  month: string
  /** Someone began to detach it, and was interrupted. */
  isDetaching: boolean
}

/** The steps of the upkeep, each complete in itself: after a crash the next turn does what is left. */
export interface PartitionSteps {
  /** The years of what no partition takes. */
  findYearsInDefault(): Promise<number[]>
  /** Years that someone began to make, and was interrupted: what they hold is not in the stream. */
  findUnattachedYears(): Promise<number[]>
  /**
   * Makes a year's months from `since` on (of a year that is new: all), if they are not there, and moves what waited for them
   * in the default partition: a few rows at a time, so that writers only wait for what is left in the end.
   *
   * @returns how many rows were moved
   */
  openYear(year: number, since: string): Promise<number>
  findMonths(): Promise<MonthPartition[]>
  /** Takes a month out of the stream. Who reads or writes goes on meanwhile; it waits for those that are under way. */
  detach(partition: MonthPartition): Promise<void>
  /** Deletes detached months before this one, and what the default partition has of them. The names of the months. */
  dropBefore(month: string): Promise<string[]>
  markDone(now: Date): Promise<void>
}

export interface PartitionState {
  months: number
  defaultRows: number
  /** Seconds since the upkeep was done; null before the first time. */
  age: number | null
}

export interface PartitionsRepository {
  /** Runs `work` unless another process is at it; false then. */
  exclusively(work: (steps: PartitionSteps) => Promise<void>): Promise<boolean>
  inspect(now: Date): Promise<PartitionState>
}

/** Everybody who reads or writes the stream queues up behind who waits for a lock on it: rather try again. */
const LOCK_TIMEOUT = '1s'
const ATTEMPTS = 10
/** Moved or deleted from the default partition in one transaction. */
const BATCH_ROWS = 2_000

/** @param options.timeoutMs how long a step may take; moving rows and waiting for transactions need more than requests */
export function createPartitionsRepository(
  db: Kysely<DB>,
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): PartitionsRepository {
  return {
    // Detaching concurrently takes transactions of its own, so the lock is the connection's.
    exclusively: (work) =>
      db.connection().execute(async (own) => {
        const { rows } = await sql<{ taken: boolean }>`
          select pg_try_advisory_lock(hashtext('partitions')) as taken`.execute(own)
        if (!rows[0]?.taken) return false
        try {
          await sql`set statement_timeout = ${sql.lit(timeoutMs)}`.execute(own)
          await work(createSteps(own))
          return true
        } finally {
          // The connection goes back to those that serve requests.
          await sql`reset statement_timeout`.execute(own)
          await sql`select pg_advisory_unlock(hashtext('partitions'))`.execute(own)
        }
      }),

    async inspect(now) {
      const { rows } = await sql<PartitionState>`
        select (select count(*)::integer from (${attachedMonths}) months) as months,
          (select count(*)::float8 from activity_default) as "defaultRows",
          (select extract(epoch from ${now}::timestamptz - done_at)::float8 from activity_upkeep) as age
      `.execute(db)
      return rows[0] as PartitionState
    },
  }
}

const isMonth = sql`c.relnamespace = current_schema()::regnamespace and c.relname ~ '^activity_\\d{4}_\\d{2}$'`
const monthOfName = sql`replace(right(c.relname, 7), '_', '-')`

const attachedMonths = sql<MonthPartition>`
  select c.relname as name, ${monthOfName} as month, i.inhdetachpending as "isDetaching"
  from pg_inherits i join pg_class c on c.oid = i.inhrelid where ${isMonth} order by c.relname`

const startOf = (month: string) => `${month}-01T00:00:00Z`

function createSteps(own: Kysely<DB>): PartitionSteps {
  /** In a transaction of its own, that gives up its place among those who wait for a lock, and tries again. */
  const shortly = (statement: RawBuilder<{ moved: string | number }>) =>
    patiently(() =>
      own.transaction().execute(async (trx) => {
        await sql`set local lock_timeout = ${sql.lit(LOCK_TIMEOUT)}`.execute(trx)
        const { rows } = await statement.execute(trx)
        return Number(rows[0]?.moved)
      }),
    )

  return {
    async findYearsInDefault() {
      const { rows } = await sql<{ year: number }>`
        select distinct extract(year from occurred_at at time zone 'UTC')::integer as year
        from activity_default order by year`.execute(own)
      return rows.map(({ year }) => year)
    },

    async findUnattachedYears() {
      const { rows } = await sql<{ year: number }>`
        select right(c.relname, 4)::integer as year from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'p' and c.relname ~ '^activity_\\d{4}$'
          and not exists (select from pg_inherits i where i.inhrelid = c.oid) order by year`.execute(own)
      return rows.map(({ year }) => year)
    },

    async openYear(year, since) {
      await shortly(sql`select 0 as moved from make_activity_year(${year}, ${startOf(since)}::timestamptz)`)
      let total = 0
      for (let moved = BATCH_ROWS; moved === BATCH_ROWS; total += moved)
        moved = await shortly(sql`select move_activity_to_year(${year}, ${BATCH_ROWS}) as moved`)
      return total + (await shortly(sql`select attach_activity_year(${year}) as moved`))
    },

    async findMonths() {
      const { rows } = await attachedMonths.execute(own)
      return rows
    },

    async detach({ name, isDetaching }) {
      const year = name.slice(0, 'activity_2026'.length)
      const how = sql.raw(isDetaching ? 'finalize' : 'concurrently')
      await sql`alter table ${sql.ref(year)} detach partition ${sql.ref(name)} ${how}`.execute(own)
    },

    async dropBefore(month) {
      const { rows } = await sql<{ name: string }>`
        select c.relname as name from pg_class c
        where ${isMonth} and c.relkind = 'r' and ${monthOfName} < ${month}
          and not exists (select from pg_inherits i where i.inhrelid = c.oid) order by 1`.execute(own)
      for (const { name } of rows) await sql`drop table ${sql.ref(name)}`.execute(own)
      await inBatches(
        own as Kysely<unknown>,
        (limit) => sql`
          delete from activity_default where ctid = any(array(
            select ctid from activity_default where occurred_at < ${startOf(month)}::timestamptz limit ${limit}))`,
        { limit: BATCH_ROWS },
      )
      return rows.map(({ name }) => name)
    },

    async markDone(now) {
      await sql`
        insert into activity_upkeep (done_at) values (${now})
        on conflict (single_row) do update set done_at = excluded.done_at`.execute(own)
    },
  }
}

/** Again, a little later, where somebody held the lock. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof LockTimeoutError)) throw error
      await wait(attempt * 100 * Math.random())
    }
  }
}
