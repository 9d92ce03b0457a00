import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../src/index.ts'

const service = 'testing_example'
let migrations: string
let migrated = 0
const opened: TestDatabase[] = []

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function open(): Promise<TestDatabase> {
  const database = await createTestDatabase({
    service,
    migrations,
    migrate: async ({ url }) => {
      migrated += 1
      await query(url, 'create table things (id int)')
    },
  })
  opened.push(database)
  return database
}

beforeAll(() => {
  migrations = mkdtempSync(join(tmpdir(), 'freshet-migrations-'))
  writeFileSync(join(migrations, '0001.sql'), 'things')
})

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()))
  rmSync(migrations, { recursive: true })
})

test('runs the migrations once for many databases, which do not share rows', async () => {
  const [one, two] = await Promise.all([open(), open()])
  await query(one.url, 'insert into things values (1)')
  expect(await query(one.url, 'select * from things')).toEqual([{ id: 1 }])
  expect(await query(two.url, 'select * from things')).toEqual([])
  expect(migrated).toBe(1)
})

test('connects as the role of the service, whose tables lie in its own schema', async () => {
  const { url } = await open()
  const rows = await query(
    url,
    `select current_user as role, 'things'::regclass::oid = (format('%I.things', current_user))::regclass as own`,
  )
  expect(rows).toEqual([{ role: service, own: true }])
})

test('builds another template when a migration changes', async () => {
  const before = migrated
  writeFileSync(join(migrations, '0002.sql'), 'more')
  await open()
  expect(migrated).toBe(before + 1)
})

test('close drops the database although somebody is connected', async () => {
  const database = await open()
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  await database.close()
  await expect(query(database.url, 'select 1')).rejects.toThrow(/does not exist/)
})
