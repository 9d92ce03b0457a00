import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { MigrationError, migrate, provision } from '../src/index.ts'

const service = 'db_migrate'

let database: TestDatabase
let folder: string
let client: pg.Client

beforeAll(async () => {
  database = await createTestDatabase({ service, provision })
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.close()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-migrations-'))
})
afterEach(async () => {
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

test('holds none of the pending migrations when one fails, and names it', async () => {
  await write('0001_a.ts', creates('a'))
  expect(await run()).toEqual({ applied: ['0001_a'] })
  await write('0002_b.ts', creates('b'))
  await write('0003_again.ts', creates('a'))
  const error = await refusal()
  expect(error).toMatchObject({
    code: 'MIGRATION_FAILED',
    service,
    migration: '0003_again',
    cause: { code: '42P07' },
  })
  expect(error.message).toBe('db_migrate: migration 0003_again: relation "a" already exists')
  expect(await tables()).toEqual(['a'])
  await rm(join(folder, '0003_again.ts'))
  await write('0003_c.ts', creates('c'))
  expect(await run()).toEqual({ applied: ['0002_b', '0003_c'] })
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
  expect((await refusal()).message).toMatch('previously executed migration 0002_b is missing')
  expect(await tables()).toEqual(['a', 'b'])
})

test('refuses a new migration that stands before one that has run', async () => {
  await write('0002_b.ts', creates('b'))
  await run()
  await write('0001_a.ts', creates('a'))
  expect((await refusal()).message).toMatch('New migrations must always have a name that comes')
  expect(await tables()).toEqual(['b'])
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
