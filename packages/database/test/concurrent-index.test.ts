import { createTestDatabase, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Kysely, sql } from 'kysely'
import {
  createDatabase,
  createIndexConcurrently,
  type Database,
  dropIndexConcurrently,
  inBatches,
  provision,
} from '../src/index.ts'

const service = 'db_concurrently'
const logger = { info() {}, warn() {}, error() {}, debug() {} } as never

let testDatabase: TestDatabase
let database: Database<unknown>
let db: Kysely<unknown>
beforeAll(async () => {
  testDatabase = await createTestDatabase({ service, provision })
  // Patient: as migrations are, whose statements have no timeout.
  database = createDatabase({
    url: testDatabase.url,
    service,
    logger,
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 0,
  })
  db = database.db
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})
beforeEach(async () => {
  await sql`drop table if exists things`.execute(db)
  await sql`create table things (id bigint primary key, name text, done boolean not null default false)`.execute(
    db,
  )
  await sql`insert into things select i, 'thing ' || i from generate_series(1, 2500) i`.execute(db)
})

async function indexes(): Promise<{ name: string; valid: boolean }[]> {
  const { rows } = await sql<{ name: string; valid: boolean }>`
    select indexrelid::regclass::text as name, indisvalid as valid from pg_index
    where indrelid = 'things'::regclass and not indisprimary`.execute(db)
  return rows
}

test('makes a valid index, once, and removes it', async () => {
  await createIndexConcurrently(db, 'things_name', sql`on things (name)`)
  await createIndexConcurrently(db, 'things_name', sql`on things (name)`)
  expect(await indexes()).toEqual([{ name: 'things_name', valid: true }])
  await dropIndexConcurrently(db, 'things_name')
  await dropIndexConcurrently(db, 'things_name')
  expect(await indexes()).toEqual([])
})

test('replaces what an attempt has left that was cut off', async () => {
  await sql`update things set name = 'the same' where id < 3`.execute(db)
  const make = () => createIndexConcurrently(db, 'things_name', sql`on things (name)`, { unique: true })
  await expect(make()).rejects.toMatchObject({ code: '23505' })
  expect(await indexes()).toEqual([{ name: 'things_name', valid: false }])
  await sql`update things set name = 'another' where id = 2`.execute(db)
  await make()
  expect(await indexes()).toEqual([{ name: 'things_name', valid: true }])
})

test.each([
  ['on another table', sql`on others (name)`, {}, 'one on db_concurrently.others using btree (name)'],
  ['of other columns', sql`on things (name, id)`, {}, 'one on db_concurrently.things using btree (name, id)'],
  ['of a part of the rows', sql`on things (name) where not things.done`, {}, 'WHERE (NOT done)'],
  ['of another kind', sql`on things using hash (name)`, {}, 'using hash (name)'],
  [
    'in another order',
    sql`on only things (name desc)`,
    {},
    'one on db_concurrently.things using btree (name DESC)',
  ],
  [
    'that is unique',
    sql`on things (name)`,
    { unique: true },
    'a unique one on db_concurrently.things using btree (name)',
  ],
])('refuses an index of the wanted name when wanted is one %s', async (_, definition, options, wanted) => {
  await sql`create table if not exists others (id bigint, name text)`.execute(db)
  await createIndexConcurrently(db, 'things_name', sql`on things (name)`)
  const made = createIndexConcurrently(db, 'things_name', definition, options)
  await expect(made).rejects.toThrow(
    'the index things_name is there already, but it is one on db_concurrently.things using btree (name);',
  )
  await expect(made).rejects.toThrow(wanted)
  expect(await indexes()).toEqual([{ name: 'things_name', valid: true }])
  // Another wording of the same index is no other index.
  await createIndexConcurrently(
    db,
    'things_name',
    sql`ON "db_concurrently" . things using btree ((name) asc nulls last)`,
  )
})

test('refuses an index that is made and yet not valid', async () => {
  await withClient(testDatabase.adminUrl, async (admin) => {
    const spoiling = db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        // Right after each statement: whatever it was that spoilt the index, nobody said so.
        await admin.query(
          `update pg_index set indisvalid = false where indexrelid = to_regclass('${service}.things_name')`,
        )
        return result
      },
    })
    const made = createIndexConcurrently(spoiling, 'things_name', sql`on things (name)`)
    await expect(made).rejects.toThrow('the index things_name was made, but is not valid')
  })
})

test('waits for a transaction that is open, whatever the timeout is for others', async () => {
  await db.connection().execute(async (connection) => {
    await sql`set lock_timeout = '50ms'`.execute(connection)
    const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
    const other = db.transaction().execute(async (trx) => {
      await sql`select count(*) from things`.execute(trx)
      opened()
      await sql`select pg_sleep(0.5)`.execute(trx)
    })
    await isOpen
    await createIndexConcurrently(connection, 'things_name', sql`on things (name)`)
    await other
    const { rows } = await sql<{
      timeout: string
    }>`select current_setting('lock_timeout') as timeout`.execute(connection)
    expect(rows).toEqual([{ timeout: '50ms' }])
    await sql`reset lock_timeout`.execute(connection)
  })
  expect(await indexes()).toEqual([{ name: 'things_name', valid: true }])
})

test('changes all rows, a few at a time', async () => {
  const sizes: number[] = []
  const changed = await inBatches(
    db,
    (limit) => {
      sizes.push(limit)
      return sql`update things set done = true where id in (select id from things where not done limit ${limit})`
    },
    { pauseMs: 0 },
  )
  expect(changed).toBe(2_500)
  expect(sizes).toEqual([1_000, 1_000, 1_000, 1_000])
})
