import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { migrate, provision } from '@freshet/database'
import { createTestDatabase, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { seed } from '../src/index.ts'
import { createSupergraphDatabase, SERVICES } from './supergraph-database.ts'

/*
 * Every migration of every service, one by one, on the tables as the one before it left them, with rows in them, while all of
 * these tables are read and written: no statement fails, or waits for as long as a service's statement may.
 */

/** Production's. */
const STATEMENT_TIMEOUT_MS = 4_000

const opened: (() => Promise<unknown>)[] = []
let seededUrl: string

beforeAll(async () => {
  const { adminUrl, close } = await createSupergraphDatabase()
  opened.push(close)
  seededUrl = adminUrl
  const until = new Date('2026-11-23T00:00:00Z')
  await seed({ adminUrl, scale: { products: 1_000, users: 300, events: 5_000 }, until })
})
afterAll(async () => {
  for (const close of opened.reverse()) await close()
})

/** A database without tables, and a folder for the migrations so far, beside the real one: what they import is found from there. */
async function openEmpty(service: string): Promise<TestDatabase & { folder: string }> {
  const database = await createTestDatabase({ service, provision })
  opened.push(database.close)
  const folder = await mkdtemp(
    fileURLToPath(new URL(`../../../services/${service}/.migrations-`, import.meta.url)),
  )
  opened.push(() => rm(folder, { recursive: true }))
  return { ...database, folder }
}

/** Not the partitions, which their tables stand for, nor what the migrations keep for themselves. */
async function tablesOf(client: pg.ClientBase, service: string): Promise<string[]> {
  const { rows } = await client.query(
    `select relname as name from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p')
       and not relispartition and relname !~ '^schema_migrations' order by 1`,
    [service],
  )
  return rows.map(({ name }) => name)
}

/** Fills the tables that are empty with the seeded rows, as far as they have the columns. */
async function fillTables(adminUrl: string, service: string): Promise<void> {
  const columnsOf = async (client: pg.ClientBase, table: string): Promise<string[]> => {
    const { rows } = await client.query(
      `select column_name as name from information_schema.columns
       where table_schema = $1 and table_name = $2 and is_generated = 'NEVER'`,
      [service, table],
    )
    return rows.map(({ name }) => name)
  }
  await withClient(seededUrl, (source) =>
    withClient(adminUrl, async (target) => {
      // No triggers: what they would write is copied as well.
      await target.query('set session_replication_role = replica')
      for (const table of await tablesOf(target, service)) {
        const name = `${service}.${table}`
        const { rowCount } = await target.query(`select from ${name} limit 1`)
        const known = await columnsOf(source, table)
        const columns = (await columnsOf(target, table)).filter((column) => known.includes(column)).join(', ')
        if (rowCount !== 0 || columns === '') continue
        const rows = source.query(copyTo(`copy (select ${columns} from ${name}) to stdout`))
        await pipeline(rows, target.query(copyFrom(`copy ${name} (${columns}) from stdin`)))
      }
    }),
  )
}

/** Reads and writes every table, as the service's role, from before the work begins until it is done. */
async function underLoad(url: string, service: string, work: () => Promise<unknown>) {
  const failures: string[] = []
  const done = { reads: 0, writes: 0 }
  let isRunning = true
  async function use(begun: () => void): Promise<void> {
    const client = new pg.Client({ connectionString: url, statement_timeout: STATEMENT_TIMEOUT_MS })
    await client.connect()
    const run = async (kind: keyof typeof done, sql: string) => {
      await client.query(sql).catch((error: Error) => failures.push(`${sql}: ${error.message}`))
      done[kind]++
    }
    try {
      while (isRunning)
        for (const table of await tablesOf(client, service)) {
          await run('reads', `select * from ${table} limit 20`)
          const { rows } = await client.query(
            `select attname as name from pg_attribute
             where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a' limit 1`,
            [table],
          )
          const column = rows[0]?.name
          await run(
            'writes',
            `update ${table} as t set ${column} = t.${column}
             from (select tableoid, ctid from ${table} limit 1 offset floor(random() * 20)) as one
             where t.tableoid = one.tableoid and t.ctid = one.ctid`,
          )
          begun()
        }
    } finally {
      await client.end()
    }
  }
  const begun = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  const load = begun.map(({ resolve }) => use(resolve))
  try {
    await Promise.race([Promise.all(begun.map(({ promise }) => promise)), ...load])
    await work()
  } finally {
    isRunning = false
    await Promise.all(load)
  }
  return { failures, done }
}

test.each(SERVICES)('%s: no statement fails while a migration runs', async (service) => {
  const { url, adminUrl, folder } = await openEmpty(service)
  const source = fileURLToPath(new URL(`../../../services/${service}/migrations/`, import.meta.url))
  const [first, ...others] = (await readdir(source)).sort()
  await cp(join(source, first!), join(folder, first!))
  await migrate({ url, folder, service })
  for (const file of others) {
    await fillTables(adminUrl, service)
    await cp(join(source, file), join(folder, file))
    const { failures, done } = await underLoad(url, service, async () => {
      const { applied } = await migrate({ url, folder, service })
      expect(applied).toEqual([file.replace(/\.ts$/, '')])
    })
    expect({ file, failures }).toEqual({ file, failures: [] })
    expect(done.writes).toBeGreaterThan(0)
  }
})

test('a migration that locks a table for long is noticed', async () => {
  const { url, adminUrl, folder } = await openEmpty('users')
  const source = fileURLToPath(new URL('../../../services/users/migrations/', import.meta.url))
  await cp(source, folder, { recursive: true })
  await migrate({ url, folder, service: 'users' })
  await fillTables(adminUrl, 'users')
  await writeFile(
    join(folder, '9999_holds.ts'),
    `export const up = async (db) => {
      await db.schema.alterTable('accounts').addColumn('held', 'text').execute()
      await db.selectNoFrom((eb) => eb.fn('pg_sleep', [eb.val(${STATEMENT_TIMEOUT_MS / 1_000 + 1})]).as('slept')).execute()
    }`,
  )
  const { failures } = await underLoad(url, 'users', () => migrate({ url, folder, service: 'users' }))
  expect(failures.join('\n')).toContain('statement timeout')
})
