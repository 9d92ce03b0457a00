import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sql } from 'kysely'
import {
  countStatements,
  createDatabase,
  type Database,
  type KeysetColumn,
  type KeysetOrder,
  type KeysetPageArguments,
  keysetPage,
  keysetPages,
  provision,
} from '../src/index.ts'

interface Tables {
  rows: { id: string; owner: string; rank: number; score: number; price: string; title: string; at: Date }
}

let server: TestDatabase
let database: Database<Tables>
beforeAll(async () => {
  server = await createTestDatabase({ service: 'db_keyset', provision })
  database = createDatabase<Tables>({
    url: server.url,
    service: 'db_keyset',
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 60_000,
    logger: createLogger('test', { level: 'silent' }),
  })
  // Few distinct values: most rows tie with others. Times differ by microseconds only.
  await sql`create table rows as
    select n::bigint as id, (n % 4)::bigint as owner, (n * 7919 % 10)::integer as rank,
      (n * 104729 % 7)::double precision / 3 as score, ((n * 31 % 5) / 4.0)::numeric as price,
      (array['a', 'B', 'ä', 'Z', 'zz', 'ß', '', '日本', '😀'])[n * 13 % 9 + 1] as title,
      timestamptz '2026-11-23 03:44:00.123Z' + (n * 17 % 11) * interval '1 microsecond' as at
    from generate_series(1, 300) as n`.execute(database.db)
  await sql`alter table rows add primary key (id)`.execute(database.db)
  await sql`create index rows_by_at on rows (owner, at desc, id desc)`.execute(database.db)
  await sql`analyze rows`.execute(database.db)
})
afterAll(async () => {
  await database.close()
  await server.close()
})

const id = (direction: 'asc' | 'desc'): KeysetColumn => ({ column: 'rows.id', type: 'bigint', direction })
const list = () => database.db.selectFrom('rows').select(['rows.id', 'rows.at'])

const orders: Record<string, KeysetOrder> = {
  'the id alone': { name: 'id', columns: [id('asc')] },
  'integer asc, id asc': {
    name: 'rank',
    columns: [{ column: 'rank', type: 'integer', direction: 'asc' }, id('asc')],
  },
  'double desc, id desc': {
    name: 'score',
    columns: [{ column: 'score', type: 'double', direction: 'desc' }, id('desc')],
  },
  'numeric desc, id asc': {
    name: 'price',
    columns: [{ column: 'price', type: 'numeric', direction: 'desc' }, id('asc')],
  },
  'text asc, id desc': {
    name: 'title',
    columns: [{ column: 'title', type: 'text', direction: 'asc' }, id('desc')],
  },
  'microseconds desc, id desc': {
    name: 'at',
    columns: [{ column: 'at', type: 'timestamptz', direction: 'desc' }, id('desc')],
  },
  'three columns, mixed': {
    name: 'mixed',
    columns: [
      { column: 'owner', type: 'bigint', direction: 'desc' },
      { column: sql`lower(rows.title)`, type: 'text', direction: 'asc' },
      id('desc'),
    ],
  },
  'a date and a boolean': {
    name: 'date',
    columns: [
      { column: sql`(rows.at::date + rows.rank)`, type: 'date', direction: 'asc' },
      { column: sql`(rows.score > 1)`, type: 'boolean', direction: 'asc' },
      id('asc'),
    ],
  },
  'real, uuid': {
    name: 'real',
    columns: [
      { column: sql`(rows.score / 3)::real`, type: 'real', direction: 'desc' },
      { column: sql`md5(rows.rank::text)::uuid`, type: 'uuid', direction: 'desc' },
      id('desc'),
    ],
  },
}

async function sorted(order: KeysetOrder): Promise<string[]> {
  const by = order.columns.map(({ column, direction }) => {
    return sql`${typeof column === 'string' ? sql.ref(column) : column} ${sql.raw(direction)}`
  })
  const { rows } = await sql<{ id: string }>`select id from rows order by ${sql.join(by)}`.execute(
    database.db,
  )
  return rows.map((row) => row.id)
}

/** Reads the whole list in pages of these sizes, over and over; checks each page's flags on its way. */
async function walk(order: KeysetOrder, sizes: number[], backward: boolean): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  for (let turn = 0; ; turn += 1) {
    const size = sizes[turn % sizes.length]!
    const page: KeysetPageArguments = backward
      ? { last: size, before: cursor }
      : { first: size, after: cursor }
    const { rows, cursors, pageInfo } = await keysetPage(database.db, { query: list(), order, page })
    const ids = rows.map((row) => row.id)
    if (backward) seen.unshift(...ids)
    else seen.push(...ids)
    const [ahead, behind] = backward
      ? [pageInfo.hasPreviousPage, pageInfo.hasNextPage]
      : [pageInfo.hasNextPage, pageInfo.hasPreviousPage]
    expect(behind).toBe(turn > 0)
    expect(ahead).toBe(seen.length < 300)
    expect(cursors).toHaveLength(rows.length)
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([cursors[0], cursors.at(-1)])
    if (!ahead) return seen
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor
  }
}

test.each(Object.entries(orders))(
  'pages by %s meet every row once, in order, both ways, whatever their size',
  async (_, order) => {
    const expected = await sorted(order)
    const sizes = fc.array(fc.integer({ min: 20, max: 110 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), async (of, backward) => {
        expect(await walk(order, of, backward)).toEqual(expected)
      }),
      { numRuns: 6 },
    )
  },
)

test('pages of one row each step through ties and microseconds', async () => {
  const order = orders['microseconds desc, id desc']!
  expect(await walk(order, [1], false)).toEqual(await sorted(order))
})

test('keeps its place when the row of the cursor is gone, and knows what lies behind it', async () => {
  const order = orders['the id alone']!
  const query = () => list().where('id', 'in', ['10', '20', '30'])
  const { cursors } = await keysetPage(database.db, { query: query(), order, page: { first: 3 } })
  const without = (gone: string) => query().where('id', '!=', gone)
  const after = await keysetPage(database.db, {
    query: without('10'),
    order,
    page: { first: 1, after: cursors[0] },
  })
  expect(after.rows.map((row) => row.id)).toEqual(['20'])
  expect(after.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const end = await keysetPage(database.db, {
    query: without('30'),
    order,
    page: { first: 5, after: cursors[2] },
  })
  expect(end).toEqual({
    rows: [],
    cursors: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
  })
  const start = await keysetPage(database.db, {
    query: without('10'),
    order,
    page: { last: 5, before: cursors[0] },
  })
  expect(start.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
})

test("returns the query's own columns and nothing else, as the driver gives them", async () => {
  const order = orders['microseconds desc, id desc']!
  const { rows } = await keysetPage(database.db, { query: list(), order, page: { first: 1 } })
  expect(Object.keys(rows[0]!)).toEqual(['id', 'at'])
  expect(rows[0]!.at).toBeInstanceOf(Date)
})

test('reads the pages of many parents with one statement, each as it would be alone', async () => {
  const order = orders['microseconds desc, id desc']!
  const query = (owner: string) => list().where('owner', '=', owner)
  const firsts = await Promise.all(
    ['0', '1', '2', '3', '99'].map((owner) =>
      keysetPage(database.db, { query: query(owner), order, page: { first: 7 } }),
    ),
  )
  const pages: KeysetPageArguments[] = [
    { first: 7 },
    { last: 7 },
    { first: 7, after: firsts[2]!.pageInfo.endCursor },
    { last: 3, before: firsts[1]!.pageInfo.endCursor },
  ]
  for (const page of pages) {
    const parents = ['3', '99', '1', '0', '2', '1']
    const { result, statements } = await countStatements(database, () =>
      keysetPages(database.db, {
        requests: parents.map((parent) => ({ parent, page })),
        query: (owner) => list().where('owner', '=', owner),
        order,
      }),
    )
    expect(statements).toHaveLength(1)
    const alone = parents.map((owner) => keysetPage(database.db, { query: query(owner), order, page }))
    expect(result).toEqual(await Promise.all(alone))
  }
})

test('reads requests with different arguments together, one statement for each set of arguments', async () => {
  const order = orders['the id alone']!
  const requests = [
    { parent: '1', page: { first: 1 } },
    { parent: '2', page: { last: 1 } },
    { parent: '3', page: { first: 1, after: null } },
  ]
  const { result, statements } = await countStatements(database, () =>
    keysetPages(database.db, { requests, query: (owner) => list().where('owner', '=', owner), order }),
  )
  expect(statements).toHaveLength(2)
  expect(result.map(({ rows }) => rows[0]?.id)).toEqual(['1', '298', '3'])
})

test('asks nothing for no requests', async () => {
  const { result, statements } = await countStatements(database, () =>
    keysetPages(database.db, { requests: [], query: () => list(), order: orders['the id alone']! }),
  )
  expect([result, statements]).toEqual([[], []])
})

test('reads a page in the middle of a list as one range of an index', async () => {
  const order = orders['microseconds desc, id desc']!
  await sql`insert into rows select n, 5, 0, 0, 0, '', timestamptz '2020-01-01Z' + n * interval '1 second'
    from generate_series(1000, 30000) as n`.execute(database.db)
  await sql`analyze rows`.execute(database.db)
  const query = () => list().where('owner', '=', '5')
  const { pageInfo } = await keysetPage(database.db, { query: query(), order, page: { first: 100 } })
  const [statement, parameters] = await captured(() =>
    keysetPage(database.db, { query: query(), order, page: { first: 10, after: pageInfo.endCursor } }),
  )
  const plan = await database.pool.query(`explain (analyze, buffers off, costs off) ${statement}`, parameters)
  const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
  await sql`delete from rows where owner = 5`.execute(database.db)
  expect(text).toMatch(/Index (Only )?Scan using rows_by_at/)
  expect(text).toMatch(/Index Cond: .*ROW\(at, id\) < ROW\(/)
  expect(text).not.toMatch(/Seq Scan|Rows Removed by Filter/)
})

/** The statement that `work` sends, with its parameters. */
async function captured(work: () => Promise<unknown>): Promise<[string, unknown[]]> {
  const client = await database.pool.connect()
  const query = client.query.bind(client)
  let sent: [string, unknown[]] | undefined
  client.query = ((...args: [string, unknown[]]) => {
    sent = args
    return query(...args)
  }) as typeof client.query
  client.release()
  await work()
  client.query = query as typeof client.query
  return sent!
}

test.each<[string, KeysetPageArguments]>([
  ['neither first nor last', {}],
  ['both', { first: 1, last: 1 }],
  ['none', { first: 0 }],
  ['half a row', { last: 0.5 }],
  ['after with last', { last: 1, after: 'x' }],
])('refuses a page of %s as a programming error', async (_, page) => {
  await expect(
    keysetPage(database.db, { query: list(), order: orders['the id alone']!, page }),
  ).rejects.toThrow(RangeError)
})
