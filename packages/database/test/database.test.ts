import { createLogger, type Logger } from '@freshet/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import pg from 'pg'
import {
  countStatements,
  createDatabase,
  DatabaseUnavailableError,
  inTransaction,
  PoolBusyError,
  provision,
  StatementTimeoutError,
  violatedConstraint,
} from '../src/index.ts'

const logger = createLogger('test', { level: 'silent' })

interface Tables {
  things: { id: string; name: string }
}

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase({ service: 'db_open', provision })
  await withDatabase(async ({ db }) => {
    await sql`create table things (id bigint primary key, name text not null unique)`.execute(db)
  })
})
afterAll(() => server.close())

/** Patient: a busy machine must not turn a statement into an error. */
async function withDatabase<Result>(
  work: (database: ReturnType<typeof createDatabase<Tables>>) => Promise<Result>,
  options: { poolSize?: number; statementTimeoutMs?: number | undefined; logger?: Logger } = {},
): Promise<Result> {
  const database = createDatabase<Tables>({
    url: server.url,
    service: 'db_open',
    logger,
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 60_000,
    ...options,
  })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

test('gives each SQL type as the JS type that loses nothing of it', async () => {
  await withDatabase(async ({ db }) => {
    const { rows } = await sql<Record<string, unknown>>`select
      9007199254740993::bigint as big, 1.10::numeric as exact, 7 as small, 0.5::double precision as float,
      '2026-11-23T03:44:00.123Z'::timestamptz as at, '2026-11-23'::date as day, '{"a":1}'::jsonb as json`.execute(
      db,
    )
    expect(rows[0]).toEqual({
      big: '9007199254740993',
      exact: '1.10',
      small: 7,
      float: 0.5,
      at: new Date('2026-11-23T03:44:00.123Z'),
      day: '2026-11-23',
      json: { a: 1 },
    })
  })
})

test('names the service on its connections, and bounds statements and idle transactions', async () => {
  await withDatabase(
    async ({ db }) => {
      const { rows } = await sql`select current_setting('application_name') as name,
        current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle,
        current_schema() as schema`.execute(db)
      expect(rows).toEqual([{ name: 'db_open', statement: '4s', idle: '10s', schema: 'db_open' }])
    },
    { statementTimeoutMs: undefined },
  )
})

test('gives up a statement that takes too long with a typed error, also within a transaction', async () => {
  await withDatabase(
    async ({ db }) => {
      const slow = sql`select pg_sleep(5)`
      await expect(slow.execute(db)).rejects.toBeInstanceOf(StatementTimeoutError)
      const inside = db.transaction().execute((trx) => slow.execute(trx))
      await expect(inside).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT', cause: { code: '57014' } })
    },
    { statementTimeoutMs: 50 },
  )
})

test('gives up waiting for a lock with a typed error, where a statement is told to', async () => {
  await withDatabase(async ({ db }) => {
    await db.transaction().execute(async (holder) => {
      await sql`lock table things`.execute(holder)
      const waiting = db.transaction().execute(async (trx) => {
        await sql`set local lock_timeout = '20ms'`.execute(trx)
        await sql`lock table things`.execute(trx)
      })
      await expect(waiting).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', cause: { code: '55P03' } })
    })
  })
})

test('says that the database can not be reached with a typed error, and logs it once until it answers', async () => {
  const logged: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) }
  const url = new URL(server.url)
  // Nothing listens on port 1.
  url.port = '1'
  const database = createDatabase<Tables>({
    url: url.href,
    service: 'db_open',
    connectTimeoutMs: 60_000,
    logger: createLogger('db_open', { destination }),
  })
  for (let time = 1; time <= 3; time++) {
    const failing = database.db.selectFrom('things').selectAll().execute()
    await expect(failing).rejects.toBeInstanceOf(DatabaseUnavailableError)
  }
  expect(logged).toMatchObject([{ msg: 'the database can not be reached', err: { code: 'ECONNREFUSED' } }])
  await database.close()
})

test('says so too when the connection ends in the middle of a statement', async () => {
  await withDatabase(async ({ db }) => {
    const ended = sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
    await expect(ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', cause: { code: '57P01' } })
  })
})

test('tells a busy pool from a database that is away: it took too long, and nothing is said of an outage', async () => {
  const logged: string[] = []
  await withDatabase(
    async ({ db, pool }) => {
      const taken = await pool.connect()
      // Of what waits for it, and not of the connection itself.
      pool.options.connectionTimeoutMillis = 100
      const waiting = await sql`select 1`.execute(db).catch((error: unknown) => error)
      expect(waiting).toBeInstanceOf(PoolBusyError)
      expect(waiting).toMatchObject({ code: 'STATEMENT_TIMEOUT', message: expect.stringMatching(/busy/) })
      expect(waiting).not.toBeInstanceOf(DatabaseUnavailableError)
      taken.release()
      await sql`select 1`.execute(db)
    },
    {
      poolSize: 1,
      logger: createLogger('db_open', { destination: { write: (line) => void logged.push(line) } }),
    },
  )
  expect(logged.join('')).not.toContain('can not be reached')
})

test('survives that PostgreSQL ends its idle connections', async () => {
  await withDatabase(async (database) => {
    await database.ping()
    const broken = new Promise((resolve) => database.pool.once('error', resolve))
    const admin = new pg.Client({ connectionString: server.adminUrl })
    await admin.connect()
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'db_open'`,
    )
    await admin.end()
    await broken
    await database.ping()
  })
})

test('closes once, however often it is asked to, and frees its connections', async () => {
  const database = createDatabase<Tables>({ url: server.url, service: 'db_closing', logger })
  await database.ping()
  await Promise.all([database.close(), database.close()])
  await withDatabase(async ({ db }) => {
    await eventually(async () => {
      const { rows } = await sql`select from pg_stat_activity where application_name = 'db_closing'`.execute(
        db,
      )
      expect(rows).toHaveLength(0)
    })
  })
  await expect(database.ping()).rejects.toThrow()
})

test('fails a ping when nothing answers at the address', async () => {
  const database = createDatabase({ url: 'postgres://a:b@127.0.0.1:1/none', service: 'nobody', logger })
  await expect(database.ping()).rejects.toThrow('ECONNREFUSED')
  await database.close()
})

test('tells which constraint refused a row', async () => {
  await withDatabase(async ({ db }) => {
    await db.insertInto('things').values({ id: '1', name: 'one' }).execute()
    const again = db.insertInto('things').values({ id: '2', name: 'one' }).execute()
    expect(violatedConstraint(await again.catch((error: unknown) => error))).toBe('things_name_key')
    const nameless = sql`insert into things (id) values (3)`.execute(db)
    expect(violatedConstraint(await nameless.catch((error: unknown) => error))).toBe('')
    const wrong = sql`select nothing`.execute(db)
    expect(violatedConstraint(await wrong.catch((error: unknown) => error))).toBeNull()
    expect(violatedConstraint(new Error('23505'))).toBeNull()
  })
})

test('counts statements, but not transaction control nor what was sent before and after', async () => {
  await withDatabase(async (database) => {
    const { db } = database
    await sql`select 'before'`.execute(db)
    const { result, statements } = await countStatements(database, () =>
      db.transaction().execute(async (trx) => {
        await sql`select 'first'`.execute(trx)
        await sql`select 'second'`.execute(trx)
        return 'done'
      }),
    )
    await sql`select 'after'`.execute(db)
    expect(result).toBe('done')
    expect(statements).toEqual(["select 'first'", "select 'second'"])
  })
})

test('runs a transaction again that PostgreSQL ended to resolve a deadlock', async () => {
  await withDatabase(async ({ db }) => {
    await db
      .insertInto('things')
      .values([
        { id: '10', name: 'ten' },
        { id: '11', name: 'eleven' },
      ])
      .execute()
    let runs = 0
    const both = { arrived: 0, release: () => {} }
    const together = new Promise<void>((resolve) => {
      both.release = resolve
    })
    const lockInOrder = (ids: string[]) =>
      inTransaction(db, async (trx) => {
        runs += 1
        for (const [index, id] of ids.entries()) {
          await trx
            .updateTable('things')
            .set({ name: `${id} by ${ids[0]}` })
            .where('id', '=', id)
            .execute()
          // Only the first time: each holds one row before it asks for the other's.
          if (index === 0 && runs <= 2) {
            both.arrived += 1
            if (both.arrived === 2) both.release()
            await together
          }
        }
      })
    await Promise.all([lockInOrder(['10', '11']), lockInOrder(['11', '10'])])
    expect(runs).toBeGreaterThanOrEqual(3)
  })
})

test('does not run a transaction again that failed for another reason', async () => {
  await withDatabase(async ({ db }) => {
    let runs = 0
    const failing = inTransaction(db, async () => {
      runs += 1
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(runs).toBe(1)
  })
})
