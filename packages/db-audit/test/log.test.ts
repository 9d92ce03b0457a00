import { expect, test } from '@jest/globals'
import { logFacts } from '../src/log/read-log.ts'
import { queryIn } from '../src/plans/explained.ts'
import { ownerOf, splitTags } from '../src/query-tags.ts'
import { bareSql, isOneStatement, shapeOf } from '../src/sql-text.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const comment = `/*field='Query.me',operation='My%20Page',service='users',traceparent='00-${trace}-00f067aa0ba902b7-01'*/`
const prefix = '2026-11-26 06:00:00.000 UTC [7] users@freshet users '

test('reads statements of several lines, with whose they are', () => {
  const { statements } = logFacts(
    [
      `${prefix}LOG:  duration: 1.500 ms  execute <unnamed>: select *`,
      `\tfrom accounts where id = $1 ${comment}`,
      `${prefix}DETAIL:  Parameters: $1 = '42'`,
      'something else altogether',
      `\tand more of it`,
    ],
    'freshet',
  )
  expect(statements).toEqual([
    {
      sql: 'select *\nfrom accounts where id = $1',
      tags: { service: 'users', operation: 'My Page', field: 'Query.me', traceId: trace },
      role: 'users',
      milliseconds: 1.5,
      plan: null,
      at: new Date('2026-11-26T06:00:00.000Z'),
      pid: 7,
    },
  ])
})

test("reads auto_explain's JSON with its plan, and of its text the statement", () => {
  const plan = { 'Node Type': 'Result', 'Total Cost': 0.01, 'Plan Rows': 1 }
  const json = JSON.stringify({ 'Query Text': `select 1 ${comment}`, Plan: plan }, null, 2)
  const message = `duration: 300.25 ms  plan:\n${json}`
  const written = { user: 'users', dbname: 'freshet', error_severity: 'LOG', message }
  const asText = [
    `${prefix}LOG:  duration: 301.0 ms  plan:`,
    '\tQuery Text: select 2',
    '\tResult  (cost=0.00..0.01 rows=1 width=4)',
  ]
  const { statements } = logFacts([JSON.stringify(written), ...asText], 'freshet')
  expect(statements.map(({ sql, plan: found, tags }) => [sql, found, tags.operation])).toEqual([
    ['select 1', plan, 'My Page'],
    ['select 2', null, undefined],
  ])
})

test('leaves out what is of another database, of the server itself, and of an audit', () => {
  const line = `${prefix}LOG:  duration: 1 ms  statement: select 1`
  expect(logFacts([line], 'elsewhere').statements).toEqual([])
  expect(logFacts([`${line} /*service='freshet-db-audit'*/`], 'freshet').statements).toEqual([])
  const wait = 'LOG:  process 7 still waiting for ShareLock on'
  const { troubles } = logFacts(
    [
      `2026-11-26 06:00:00.000 UTC [7] @  ${wait} relation 9 after 1000.1 ms`,
      `${prefix}${wait} advisory lock [1,2,3,4] after 1000.1 ms`,
      `${prefix}${wait} transaction 5 after 1000.1 ms`,
      `${prefix}STATEMENT:  update accounts set name = $1`,
    ],
    'freshet',
  )
  expect(troubles).toEqual([
    {
      kind: 'lock-wait',
      role: 'users',
      sql: 'update accounts set name = $1',
      tags: {},
      at: new Date('2026-11-26T06:00:00.000Z'),
      pid: 7,
      holders: [],
    },
  ])
})

test('takes a comment off that is a tag, and no other', () => {
  expect(splitTags('select 1 /* of ours */')).toEqual({ sql: 'select 1 /* of ours */', tags: {} })
  expect(splitTags("select 1 /*service='50%'*/").tags.service).toBe('50%')
  expect(ownerOf(splitTags(`select 1 ${comment}`).tags)).toBe('users, My Page, Query.me')
  expect(ownerOf({}, 'catalog')).toBe('catalog')
})

test('two statements have one shape that differ in values, and in how many there are', () => {
  expect(shapeOf("select * from a where b = 'x' and c in ($1, $2, $3)")).toBe(
    shapeOf("SELECT *\n from a where b = 'it''s' and c in ($1)".replace('($1)', '($1, $2)')),
  )
  expect(shapeOf('select a1 from b')).not.toBe(shapeOf('select a2 from b'))
})

test('a statement that hides a second one is none', () => {
  expect(isOneStatement("select ';' /* ; */ ;")).toBe(true)
  expect(isOneStatement('select 1; drop table a')).toBe(false)
  expect(isOneStatement('analyze select 1')).toBe(false)
})

test('reads a statement of any length in one go', () => {
  const spaces = ' '.repeat(200_000)
  expect(splitTags(`select${spaces}1`).sql).toHaveLength(200_007)
  expect(splitTags(`select 1${spaces}${comment}${spaces};`)).toMatchObject({
    sql: 'select 1',
    tags: { service: 'users' },
  })
  expect(queryIn(`declare a${spaces}for b`)).toHaveLength(200_014)
  expect(shapeOf(`select "${'/*'.repeat(100_000)}"`)).toHaveLength(200_009)
})

test('takes texts, names and comments for what they are', () => {
  expect(bareSql(`select 'it''s' -- don't\n, E'\\'', $a$ ' $a$, "--" /* /* ' */ ' */ from a`)).toBe(
    `select ''''  , E'', '', "--"   from a`,
  )
})

test('attributes nothing to a database whose name begins another one', () => {
  const line = `2026-11-26 06:00:00.000 UTC [7] users@my db users LOG:  duration: 1 ms  statement: select 1`
  expect(logFacts([line], 'my', ['my', 'my db']).statements).toEqual([])
  expect(logFacts([line], 'my db', ['my', 'my db']).statements).toHaveLength(1)
})
