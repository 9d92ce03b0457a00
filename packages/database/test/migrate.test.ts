import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDatabase, eventually, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { MigrationError, migrate, provision } from '../src/index.ts'

const service = 'db_migrate'

let database: TestDatabase
let folder: string
let client: pg.Client
let observer: pg.Client

beforeAll(async () => {
  database = await createTestDatabase({ service, provision })
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
})
afterAll(async () => {
  await client.end()
  await observer.end()
  await database.close()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-migrations-'))
})
afterEach(async () => {
  await client.query('rollback')
  await rm(folder, { recursive: true })
  await client.query(`drop owned by ${service}`)
  await provision({
    adminUrl: database.adminUrl,
    service,
    password: decodeURIComponent(new URL(database.url).password),
  })
})

/** A migration that creates a table, in TypeScript that has types to strip. */
const creates = (table: string) => `
  interface Schema { createTable(name: string): { addColumn(name: string, type: string): { execute(): Promise<void> } } }
  export async function up(db: { schema: Schema }): Promise<void> {
    await db.schema.createTable('${table}').addColumn('id', 'bigint').execute()
  }`

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text)
}

const run = () => migrate({ url: database.url, folder, service })

async function tables(): Promise<string[]> {
  const { rows } = await client.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = $1 and tablename not like 'schema_migrations%' order by 1`,
    [service],
  )
  return rows.map(({ tablename }) => tablename)
}

async function refusal(): Promise<MigrationError> {
  const error = await run().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(MigrationError)
  return error as MigrationError
}

test('runs what is pending, in order, once', async () => {
  await write('0002_b.ts', creates('b'))
  await write('0001_a.ts', creates('a'))
  expect(await run()).toEqual({ applied: ['0001_a', '0002_b'] })
  expect(await tables()).toEqual(['a', 'b'])
  expect(await run()).toEqual({ applied: [] })
  await write('0003_c.ts', creates('c'))
  expect(await run()).toEqual({ applied: ['0003_c'] })
})

test('runs each migration once when several processes start at the same time', async () => {
  await write('0001_a.ts', creates('a'))
  const results = await Promise.all([run(), run(), run(), run()])
  expect(results.flatMap(({ applied }) => applied)).toEqual(['0001_a'])
})

test('each has a transaction of its own: one that fails leaves nothing, and those before it hold', async () => {
  await write('0001_a.ts', creates('a'))
  await write('0002_b.ts', creates('b'))
  await write(
    '0003_half.ts',
    `export async function up(db) {
      await db.schema.createTable('half').addColumn('id', 'bigint').execute()
      await db.schema.createTable('a').addColumn('id', 'bigint').execute()
    }`,
  )
  const error = await refusal()
  expect(error).toMatchObject({
    code: 'MIGRATION_FAILED',
    service,
    migration: '0003_half',
    cause: { code: '42P07' },
  })
  expect(error.message).toBe('db_migrate: migration 0003_half: relation "a" already exists')
  expect(await tables()).toEqual(['a', 'b'])
  await rm(join(folder, '0003_half.ts'))
  await write('0003_c.ts', creates('c'))
  expect(await run()).toEqual({ applied: ['0003_c'] })
})

test('refuses a migration that was edited after it ran', async () => {
  await write('0001_a.ts', creates('a'))
  await run()
  await write('0001_a.ts', `${creates('a')}\n`)
  await write('0002_b.ts', creates('b'))
  expect((await refusal()).message).toMatch('migration 0001_a: it was edited after it had run here')
  expect(await tables()).toEqual(['a'])
})

test('refuses a history of which a migration was removed', async () => {
  await write('0001_a.ts', creates('a'))
  await write('0002_b.ts', creates('b'))
  await run()
  await rm(join(folder, '0002_b.ts'))
  await write('0003_c.ts', creates('c'))
  expect((await refusal()).message).toMatch('migration 0002_b: it has run here, and its file is missing')
  expect(await tables()).toEqual(['a', 'b'])
})

test('refuses a new migration that stands before one that has run', async () => {
  await write('0002_b.ts', creates('b'))
  await run()
  await write('0001_a.ts', creates('a'))
  expect((await refusal()).message).toMatch(
    'migration 0001_a: it comes before 0002_b, which has run here already',
  )
  expect(await tables()).toEqual(['b'])
})

test('one that says so runs outside of a transaction, and again after it was cut off', async () => {
  await write('0001_a.ts', creates('a'))
  await write(
    '0002_index.ts',
    `export const transactional = false
    export async function up(db) {
      await db.schema.createIndex('a_id').ifNotExists().on('a').column('id').execute()
      if (process.env.FRESHET_TEST_CUT_OFF) throw new Error('cut off')
    }`,
  )
  process.env.FRESHET_TEST_CUT_OFF = '1'
  expect((await refusal()).message).toBe('db_migrate: migration 0002_index: cut off')
  delete process.env.FRESHET_TEST_CUT_OFF
  const { rows } = await client.query(`select from pg_indexes where indexname = 'a_id'`)
  expect(rows).toHaveLength(1)
  expect(await run()).toEqual({ applied: ['0002_index'] })
})

test('gives up after a while on a lock that is never let go, and says what to do', async () => {
  await write('0001_a.ts', creates('a'))
  await run()
  await write(
    '0002_b.ts',
    `export const up = (db) => db.schema.alterTable('a').addColumn('b', 'text').execute()`,
  )
  await client.query('begin')
  const { rows } = await client.query(
    `select pg_backend_pid() as pid from (select from ${service}.a) a right join (select) b on true`,
  )
  const lines: string[] = []
  // Each try lasts for some looks at whom it waits for.
  const options = { url: database.url, folder, service, lockTimeoutMs: 600, patienceMs: 15_000 }
  const waiting = migrate({ ...options, report: (line) => lines.push(line) })
  await expect(waiting).rejects.toThrow(
    'migration 0002_b: another transaction holds a lock that it needs, for 15 s; end the transaction',
  )
  // Each once, however often it is tried.
  expect(lines.toSorted()).toEqual([
    'db_migrate: 0002_b is tried again: another transaction holds a lock that it needs',
    expect.stringMatching(
      `^db_migrate: 0002_b waits for PostgreSQL's process ${rows[0].pid} \\(.*, since 20.*Z\\)$`,
    ),
  ])
  await client.query('rollback')
  expect(await run()).toEqual({ applied: ['0002_b'] })
})

/** The migration's statement that waits for this test's transaction. */
async function waitingStatement(): Promise<void> {
  await eventually(async () => {
    const { rows } = await observer.query(
      `select from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'`,
      [`${service} migrate`],
    )
    expect(rows).toHaveLength(1)
  })
}

test.each([
  [
    'in a transaction',
    `export const up = (db) => db.schema.alterTable('a').addColumn('b', 'text').execute()`,
    `select 1 from information_schema.columns where table_schema = '${service}' and column_name = 'b'`,
  ],
  [
    'without one',
    `import { createIndexConcurrently } from '${new URL('../src/index.ts', import.meta.url).href}'
    import { sql } from '${import.meta.resolve('kysely')}'
    export const transactional = false
    export const up = (db) => createIndexConcurrently(db, 'a_id', sql\`on a (id)\`)`,
    `select 1 from pg_index where indexrelid = to_regclass('a_id') and indisvalid`,
  ],
])('cuts off a migration %s when it is told to stop, and goes on another time', async (_, text, done) => {
  await write('0001_a.ts', creates('a'))
  await run()
  await write('0002_b.ts', text)
  await write('0003_c.ts', creates('c'))
  await client.query('begin')
  await client.query(`lock table ${service}.a in row exclusive mode`)
  const stop = new AbortController()
  const options = { url: database.url, folder, service, lockTimeoutMs: 60_000 }
  const running = migrate({ ...options, signal: stop.signal })
  const stopped = expect(running).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: 'db_migrate: migration 0002_b: interrupted; to migrate again goes on from here',
  })
  await Promise.race([waitingStatement(), stopped])
  stop.abort()
  await stopped
  await client.query('rollback')
  expect((await client.query(done)).rows).toEqual([])
  expect(await run()).toEqual({ applied: ['0002_b', '0003_c'] })
  expect((await client.query(done)).rows).toHaveLength(1)
})

test('an index that is made concurrently says whom it waits for; when its session is ended it says so, and goes on another time', async () => {
  await write('0001_a.ts', creates('a'))
  await run()
  await write(
    '0002_index.ts',
    `import { createIndexConcurrently } from '${new URL('../src/index.ts', import.meta.url).href}'
    import { sql } from '${import.meta.resolve('kysely')}'
    export const transactional = false
    export const up = (db) => createIndexConcurrently(db, 'a_id', sql\`on a (id)\`)`,
  )
  await client.query('begin')
  await client.query(`lock table ${service}.a in row exclusive mode`)
  const lines: string[] = []
  const options = { url: database.url, folder, service, report: (line: string) => lines.push(line) }
  const ended = expect(migrate(options)).rejects.toThrow(
    'migration 0002_index: terminating connection due to administrator command; to migrate again goes on from here',
  )
  await eventually(() =>
    expect(lines).toEqual([expect.stringMatching(/: 0002_index waits for PostgreSQL's process/)]),
  )
  await observer.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    `${service} migrate`,
  ])
  await ended
  await client.query('rollback')
  expect(await run()).toEqual({ applied: ['0002_index'] })
})

test('runs a migration again that gave way in a deadlock', async () => {
  await write('0001_a.ts', creates('a'))
  await write('0002_b.ts', creates('b'))
  await run()
  await write(
    '0003_both.ts',
    `import { sql } from '${import.meta.resolve('kysely')}'
    export async function up(db) {
      await db.schema.alterTable('a').addColumn('more', 'text').execute()
      await sql\`select pg_advisory_xact_lock(1)\`.execute(db)
      await db.schema.alterTable('b').addColumn('more', 'text').execute()
    }`,
  )
  await client.query('select pg_advisory_lock(1)')
  const lines: string[] = []
  const report = (line: string) => lines.push(line)
  await withClient(database.adminUrl, async (rival) => {
    // It waits for as long as it takes: the migration is the one that notices, and gives way.
    await rival.query(
      `begin; set local deadlock_timeout = '10min'; lock table ${service}.b in access share mode`,
    )
    const migrating = migrate({ url: database.url, folder, service, lockTimeoutMs: 60_000, report })
    await Promise.race([waitingStatement(), migrating])
    const having = rival.query(`lock table ${service}.a in access share mode`)
    await eventually(async () => {
      const { rows } = await observer.query(
        `select from pg_locks where relation = '${service}.a'::regclass and not granted`,
      )
      expect(rows).toHaveLength(1)
    })
    await client.query('select pg_advisory_unlock(1)')
    await having
    await rival.query('rollback')
    expect(await migrating).toEqual({ applied: ['0003_both'] })
  })
  expect(lines.join()).toContain('it and another transaction waited for each other')
})

test('says whom it waits for before its turn, and can be stopped then, too', async () => {
  await write('0001_a.ts', creates('a'))
  const stop = new AbortController()
  const lines: string[] = []
  await client.query("set application_name = 'somebody'")
  const { rows } = await client.query(
    `select pg_backend_pid() as pid, pg_advisory_lock(hashtext('freshet migrate'))`,
  )
  const options = { url: database.url, folder, service, report: (line: string) => lines.push(line) }
  const stopped = expect(migrate({ ...options, signal: stop.signal })).rejects.toThrow(
    'db_migrate: interrupted;',
  )
  const other = migrate(options)
  await eventually(() => expect(lines).toHaveLength(2))
  expect(lines[0]).toMatch(
    new RegExp(
      `^db_migrate: waits for its turn to migrate, which PostgreSQL's process ${rows[0].pid} \\(somebody, since 20.*Z\\) has$`,
    ),
  )
  stop.abort()
  await stopped
  await client.query('select pg_advisory_unlock_all()')
  expect(await other).toEqual({ applied: ['0001_a'] })
})

test('begins nothing when it was stopped before', async () => {
  await write('0001_a.ts', creates('a'))
  const never = migrate({ url: database.url, folder, service, signal: AbortSignal.abort() })
  await expect(never).rejects.toThrow('db_migrate: interrupted')
  expect(await tables()).toEqual([])
})

test.each([
  [
    'a file with another kind of name',
    '1_a.ts',
    creates('a'),
    '1_a.ts is not named like 0001_what_it_does.ts',
  ],
  [
    'a file that exports no up',
    '0001_a.ts',
    'export const nothing = 1',
    'migration 0001_a: it exports no function',
  ],
  [
    'a file whose `transactional` is a word',
    '0001_a.ts',
    `${creates('a')}\nexport const transactional = 'no'`,
    'migration 0001_a: its `transactional` is neither true nor false',
  ],
  ['a file that is not TypeScript', '0001_a.ts', 'export function (', 'db_migrate: '],
])('refuses a folder with %s', async (_, name, text, message) => {
  await write(name, text)
  expect((await refusal()).message).toMatch(message)
  expect(await tables()).toEqual([])
})

test('refuses a folder with a number twice, or none at all', async () => {
  await write('0001_a.ts', creates('a'))
  await write('0001_b.ts', creates('b'))
  expect((await refusal()).message).toMatch('migration 0001_b: the number 0001 is there twice')
  const missing = migrate({ url: database.url, folder: join(folder, 'none'), service })
  await expect(missing).rejects.toThrow("can't be read")
})

test('says what is wrong when the database is not there', async () => {
  const lost = migrate({ url: 'postgres://a:b@127.0.0.1:1/none', folder, service })
  await expect(lost).rejects.toThrow(MigrationError)
  await expect(lost).rejects.toThrow('ECONNREFUSED')
})

test('runs under plain Node, with its type stripping, as well as here', async () => {
  await mkdir(join(folder, 'migrations'))
  await writeFile(join(folder, 'migrations', '0001_a.ts'), creates('a'))
  const script = `
    import { migrate } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    import { pathToFileURL } from 'node:url'
    const [url, folder] = process.argv.slice(1)
    console.log(JSON.stringify(await migrate({ url, folder: pathToFileURL(folder), service: '${service}' })))`
  const args = ['--input-type=module', '-e', script, database.url, join(folder, 'migrations')]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(JSON.parse(stdout)).toEqual({ applied: ['0001_a'] })
})
