import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createTestDatabase, type RedisNode, startRedisNode, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from './cache-kit.ts'
import type { Order } from './stampede-process.ts'

const PROCESSES = 4
const READS = 5_000

let server: RedisNode
let testDatabase: TestDatabase
let database: pg.Client
let readers: ChildProcess[]

beforeAll(async () => {
  server = await startRedisNode()
  testDatabase = await createTestDatabase({ service: 'stampede' })
  database = new pg.Client({ connectionString: testDatabase.url })
  await database.connect()
  await database.query("create table products as select 'hot' as id, 1 as version")
  // A sequence is raised whatever becomes of the transaction.
  await database.query('create sequence statements minvalue 0')
  await database.query("select nextval('statements')")
  const script = new URL('./stampede-process.ts', import.meta.url)
  readers = Array.from({ length: PROCESSES }, () => fork(script, [`${server.port}`, testDatabase.url]))
  await Promise.all(readers.map((reader) => once(reader, 'message')))
})
afterAll(async () => {
  const exits = readers.map((reader) => once(reader, 'exit'))
  for (const reader of readers) reader.disconnect()
  await Promise.all(exits)
  await database.end()
  await testDatabase.close()
  await server.close()
})

async function send(reader: ChildProcess, order: Order): Promise<{ wrong: number }> {
  const answer = once(reader, 'message')
  reader.send(order)
  return (await answer)[0] as { wrong: number }
}

/** How many statements PostgreSQL has executed for the row. */
async function statements(): Promise<number> {
  const { rows } = await database.query<{ count: string }>('select last_value as count from statements')
  return Number(rows[0]!.count)
}

/** How many statements it takes when all processes want an expired key at once. */
async function stampede(policy: Order['policy']): Promise<number> {
  const redis = server.connect()
  const entry = `{test}:e:${policy}:1:hot`
  const unread = await statements()
  await send(readers[0]!, { reads: 1, policy })
  expect(await statements()).toBe(unread + 1)
  // It was stored, and expires.
  await eventually(async () => (await redis.get(entry))?.startsWith('\x02') === true)
  await redis.pexpire(entry, 1)
  await eventually(async () => (await redis.exists(entry)) === 0)
  const before = await statements()
  const answers = await Promise.all(
    readers.map((reader) => send(reader, { reads: READS / PROCESSES, policy })),
  )
  expect(answers.map(({ wrong }) => wrong)).toEqual(answers.map(() => 0))
  return (await statements()) - before
}

test('5,000 reads of one expired key at once, in 4 processes, are one SQL statement in all', async () => {
  expect(await stampede('leased')).toBe(1)
})

test('without leases they are at most one statement of each process', async () => {
  const executed = await stampede('unleased')
  expect(executed).toBeGreaterThanOrEqual(1)
  expect(executed).toBeLessThanOrEqual(PROCESSES)
})
