import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Context, context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { sql } from 'kysely'
import { asOperation, countStatements, createDatabase, provision, type QueryTags } from '../src/index.ts'
import { createTagging } from '../src/query-tags.ts'

const logger = createLogger('test', { level: 'silent' })
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase({ service: 'db_tags', provision })
})
afterAll(() => server.close())
afterEach(() => context.disable())

/** What the code under test finds as the active span's context, until the test ends. */
function inTrace(traceFlags: TraceFlags): void {
  const active = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags })
  context.setGlobalContextManager({
    active: (): Context => active,
    with: (_context, work, self, ...args) => work.call(self as never, ...args),
    bind: (_context, target) => target,
    enable() {
      return this
    },
    disable() {
      return this
    },
  })
}

const commentOf = (tags: QueryTags) => createTagging('catalog', () => tags)('').trim()

test('says whose statement it is: sorted keys, URL-encoded values, the trace where it is sampled', () => {
  const tagged = createTagging('catalog', () => ({ operation: 'ProductPage', field: 'Product.related' }))
  const own = "field='Product.related',operation='ProductPage',service='catalog'"
  expect(tagged('select 1')).toBe(`select 1 /*${own}*/`)
  inTrace(TraceFlags.SAMPLED)
  expect(tagged('select 1')).toBe(`select 1 /*${own},traceparent='00-${traceId}-${spanId}-01'*/`)
})

test('names no trace that nobody will find', () => {
  inTrace(TraceFlags.NONE)
  expect(commentOf({})).toBe("/*service='catalog'*/")
})

test('names jobs and consumers by their work, and operations before them', () => {
  const outside = createTagging('catalog', () => undefined)
  expect(asOperation('refresh trending', () => outside('x'))).toBe(
    "x /*operation='refresh%20trending',service='catalog'*/",
  )
  const inside = createTagging('catalog', () => ({ operation: 'Page' }))
  expect(asOperation('refresh', () => inside('x'))).toBe("x /*operation='Page',service='catalog'*/")
})

test('leaves a statement alone that has a comment', () => {
  const hinted = 'select /* of the migration */ 1'
  expect(createTagging('catalog', () => ({}))(hinted)).toBe(hinted)
})

test('can not be broken out of, whatever an operation is called', () => {
  expect(commentOf({ operation: "a'*/; drop table products; --\n" })).toBe(
    "/*operation='a%27%2A%2F%3B%20drop%20table%20products%3B%20--%0A',service='catalog'*/",
  )
  const text = fc.string({ unit: 'binary', maxLength: 300 })
  fc.assert(
    fc.property(text, text, (operation, field) => {
      expect(commentOf({ operation, field })).toMatch(
        /^\/\*field='[\w.%~-]*',operation='[\w.%~-]*',service='catalog'\*\/$/,
      )
    }),
  )
  expect(commentOf({ operation: '\ud800' })).toContain("operation='%EF%BF%BD'")
})

test('bounds what it repeats of a name', () => {
  expect(commentOf({ operation: 'x'.repeat(10_000) }).length).toBeLessThan(200)
})

test('PostgreSQL sees the comment, listeners do not, and parameters stay what they are', async () => {
  const tags = () => ({ operation: "it's */ ; select 1", field: 'Query.me' })
  const database = createDatabase({ url: server.url, service: 'db_tags', tags, logger })
  try {
    const { result, statements } = await countStatements(database, () =>
      sql<{
        seen: string
        given: string
      }>`select ${'a'}::text as given, current_query() as seen`.execute(database.db),
    )
    expect(statements).toEqual(['select $1::text as given, current_query() as seen'])
    expect(result.rows).toEqual([
      {
        given: 'a',
        seen: `${statements[0]} /*field='Query.me',operation='it%27s%20%2A%2F%20%3B%20select%201',service='db_tags'*/`,
      },
    ])
  } finally {
    await database.close()
  }
})

test('whoever looks at the sessions knows a readiness check for what it is', async () => {
  const database = createDatabase({ url: server.url, service: 'db_tags_ping', poolSize: 1, logger })
  try {
    await database.ping()
    const seen = await withClient(server.url, (client) =>
      client.query(`select query from pg_stat_activity where application_name = 'db_tags_ping'`),
    )
    expect(seen.rows).toEqual([{ query: "select 1 /*operation='ping',service='db_tags_ping'*/" }])
  } finally {
    await database.close()
  }
})
