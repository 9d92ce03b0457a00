import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sql } from 'kysely'
import {
  createDatabase,
  type Database,
  decodeCursor,
  encodeCursor,
  InvalidCursorError,
  type KeysetOrder,
  type KeysetType,
  keysetPage,
  provision,
} from '../src/index.ts'

let server: TestDatabase
let database: Database<{ one: { id: string } }>
beforeAll(async () => {
  server = await createTestDatabase({ service: 'db_cursor', provision })
  database = createDatabase({
    url: server.url,
    service: 'db_cursor',
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 60_000,
    logger: createLogger('test', { level: 'silent' }),
  })
  await sql`create table one as select 1::bigint as id`.execute(database.db)
})
afterAll(async () => {
  await database.close()
  await server.close()
})

const order: KeysetOrder = {
  name: 'things.newest',
  columns: [
    { column: 'at', type: 'timestamptz', direction: 'desc' },
    { column: 'id', type: 'bigint', direction: 'desc' },
  ],
}

test('carries the values of the sort keys, whatever is in them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (title) => {
      const byTitle: KeysetOrder = {
        name: 'by-title',
        columns: [{ column: 'title', type: 'text', direction: 'asc' }],
      }
      fc.pre(!title.includes('\0'))
      expect(decodeCursor(byTitle, encodeCursor(byTitle, [title]), 'after')).toEqual([title])
    }),
  )
})

const raw = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url')

test.each([
  ['nothing', ''],
  ['another alphabet', 'a+b/c='],
  ['what is not JSON', 'aGVsbG8'],
  ['what is not UTF-8', Buffer.from([0xff, 0xfe]).toString('base64url')],
  ['another JSON', raw({ name: 'things.newest' })],
  ['values that are not text', raw(['things.newest', 1, 2])],
  ['a value too few', raw(['things.newest', '1'])],
  ['a value too many', raw(['things.newest', '1', '2', '3'])],
  ['a value of another type', raw(['things.newest', 'yesterday', '1'])],
  ['a value out of range', raw(['things.newest', '1', '9223372036854775808'])],
  ['a time out of range', raw(['things.newest', '9223372036854775807', '1'])],
  ['half a character', `${raw(['things.newest', '1', '2']).slice(0, -4)}`],
  ['more than any cursor holds', 'A'.repeat(20_000)],
])('refuses a cursor of %s, naming the argument', (_, cursor) => {
  const decode = () => decodeCursor(order, cursor, 'before')
  expect(decode).toThrow(InvalidCursorError)
  expect(decode).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID', argument: 'before' }))
})

test('refuses a cursor of another sort order with the reason', () => {
  const cursor = encodeCursor({ ...order, name: 'things.cheapest' }, ['1', '2'])
  expect(() => decodeCursor(order, cursor, 'after')).toThrow(
    '`after` is a cursor of another list or sort order',
  )
})

const types: Record<KeysetType, string> = {
  bigint: 'id',
  integer: 'id::integer',
  numeric: 'id::numeric',
  real: 'id::real',
  double: 'id::double precision',
  text: 'id::text',
  uuid: 'md5(id::text)::uuid',
  boolean: '(id = 1)',
  date: `(date '2026-11-23')`,
  timestamptz: `(timestamptz '2026-11-23Z')`,
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: false }).map(String),
  fc.uuid(),
  fc.constantFrom(
    ...[
      '',
      '-',
      '1e400',
      '1e39',
      '-1e-400',
      'NaN',
      'Infinity',
      '-0',
      '+1',
      ' 1',
      '1 ',
      '0x10',
      '1_0',
      '٣',
      '1.',
      '.5',
    ],
    ...[
      'true',
      't',
      'infinity',
      '-infinity',
      'now',
      'epoch',
      '4294967296',
      '-2147483649',
      '-9223372036854775809',
    ],
    ...[
      '99999999999999999999',
      '-62135596800000000',
      '253402300799999999',
      '-700001',
      '2900000',
      '\u0000',
      '\ud800',
    ],
    ...[
      "'; drop table one; --",
      '00000000-0000-0000-0000-000000000000',
      '9'.repeat(200),
      `1.${'0'.repeat(200)}`,
    ],
  ),
)

test.each(Object.entries(types))(
  'a made-up cursor on a %s is refused or finds rows, but is never an SQL error',
  async (type, column) => {
    const byType: KeysetOrder = {
      name: 'typed',
      columns: [{ column: sql.raw(column), type: type as KeysetType, direction: 'asc' }],
    }
    const query = database.db.selectFrom('one').select('id')
    await fc.assert(
      fc.asyncProperty(hostile, async (value) => {
        const page = { first: 1, after: raw(['typed', value]) }
        const error = await keysetPage(database.db, { query, order: byType, page }).catch(
          (caught: unknown) => caught,
        )
        if (error instanceof Error) expect(error).toBeInstanceOf(InvalidCursorError)
      }),
      { numRuns: 150 },
    )
  },
)
