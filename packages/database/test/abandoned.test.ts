import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { AbandonedError, createDatabase, type Database, provision, whileWanted } from '../src/index.ts'

const logger = createLogger('test', { level: 'silent' })
let server: TestDatabase
/** With one connection, so that a test can take it. */
let database: Database<unknown>
let statements: string[] = []
let leaving: AbortController

beforeAll(async () => {
  server = await createTestDatabase({ service: 'db_abandoned', provision })
  database = createDatabase({
    url: server.url,
    service: 'db_abandoned',
    poolSize: 1,
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 60_000,
    logger,
  })
  database.onStatement((statement) => statements.push(statement))
  await sql`create table things (name text)`.execute(database.db)
})
beforeEach(() => {
  statements = []
  leaving = new AbortController()
})
afterAll(async () => {
  await database?.close()
  await server?.close()
})

const answer = () => sql<{ n: number }>`select 1 as n`.execute(database.db)

test('begins nothing for whom nobody waits, and everything for others', async () => {
  leaving.abort(new Error('the caller went away'))
  await expect(whileWanted(leaving.signal, answer)).rejects.toMatchObject({
    code: 'ABANDONED',
    cause: new Error('the caller went away'),
  })
  const begun = whileWanted(leaving.signal, () => database.db.transaction().execute(async () => 'begun'))
  await expect(begun).rejects.toBeInstanceOf(AbandonedError)
  expect(statements).toEqual([])
  expect((await whileWanted(new AbortController().signal, answer)).rows).toEqual([{ n: 1 }])
  expect((await answer()).rows).toEqual([{ n: 1 }])
})

test('who goes away while waiting for a connection does not use it, and leaves it to the next', async () => {
  const taken = await database.pool.connect()
  const left = whileWanted(leaving.signal, answer)
  const next = answer()
  leaving.abort()
  taken.release()
  await expect(left).rejects.toBeInstanceOf(AbandonedError)
  expect((await next).rows).toEqual([{ n: 1 }])
  expect(statements).toEqual(['select 1 as n'])
})

test('a statement that was begun is finished, and so is a transaction', async () => {
  const written = whileWanted(leaving.signal, () =>
    database.db.transaction().execute(async (trx) => {
      await sql`insert into things values ('first')`.execute(trx)
      leaving.abort()
      await sql`insert into things values ('second')`.execute(trx)
    }),
  )
  await written
  const { rows } = await sql<{ name: string }>`select name from things`.execute(database.db)
  expect(rows.map(({ name }) => name)).toEqual(['first', 'second'])
  await expect(whileWanted(leaving.signal, answer)).rejects.toBeInstanceOf(AbandonedError)
})
