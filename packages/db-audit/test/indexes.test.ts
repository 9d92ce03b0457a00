import { provision } from '@freshet/database'
import { createTestDatabase, eventually, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { indexFindings } from '../src/checks/indexes.ts'
import type { Facts } from '../src/facts/facts.ts'
import type { IndexFacts } from '../src/facts/indexes.ts'
import type { StatisticsFacts } from '../src/facts/statistics.ts'
import { audit } from '../src/index.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase({ service: 'indexed', provision })
  await withClient(server.url, async (owner) => {
    await owner.query('create table notes (id bigint primary key, author int not null)')
    await owner.query('insert into notes select n, n from generate_series(1, 2000) n')
    await owner.query('create index notes_by_author on notes (author)')
    await owner.query('analyze notes')
    for (let time = 0; time < 1_000; time++) await owner.query('select author from notes where id = 7')
    await owner.query('select pg_stat_force_next_flush()')
  })
})
afterAll(async () => await server?.close())

async function toldOf(id: string) {
  const { findings } = await audit({ url: server.adminUrl })
  return findings.filter((finding) => finding.id === id)
}

test('asks nobody to drop an index that is young, or of which little is known', async () => {
  expect(await toldOf('index.unused')).toEqual([
    expect.objectContaining({
      severity: 'info',
      object: 'indexed.notes_by_author',
      advice: expect.stringMatching(/^keep it/),
    }),
  ])
})

test('tells nothing of an index whose scans are no longer counted, though the calls of statements are', async () => {
  await withClient(server.adminUrl, (admin) => admin.query('select pg_stat_reset()'))
  expect(await toldOf('index.unused')).toEqual([])
})

test('tells an index that is being built from one whose build has failed', async () => {
  await withClient(server.url, async (writer) => {
    await withClient(server.url, async (builder) => {
      await writer.query('begin')
      await writer.query('update notes set author = 8 where id = 8')
      const { rows } = await builder.query('select pg_backend_pid() as pid')
      const build = builder.query('create index concurrently notes_again on notes (author, id)')
      await eventually(async () =>
        expect(await toldOf('index.invalid')).toEqual([
          expect.objectContaining({
            severity: 'info',
            title: 'an index is being built',
            evidence: expect.objectContaining({ built_by: rows[0].pid }),
          }),
        ]),
      )
      await writer.query('rollback')
      await build
    })
  })
  expect(await toldOf('index.invalid')).toEqual([])
})

const day = 86_400
const index = {
  oid: 2,
  tableOid: 1,
  schema: 's',
  table: 'notes',
  name: 'notes_by_author',
  definition: '',
  method: 'btree',
  keys: ['author'],
  orders: [0],
  columns: ['author'],
  included: [],
  predicate: null,
  isUnique: false,
  isPrimary: false,
  constraint: null,
  isBound: false,
  isValid: true,
  bytes: 1,
  scans: 0,
  builtBy: null,
  age: 30 * day,
} as unknown as IndexFacts

function unusedWith({ age = 30 * day, ...statistics }: Partial<StatisticsFacts> & { age?: number | null }) {
  const facts = {
    indexes: [{ ...index, age }],
    tables: [{ oid: 1, rows: 9_999 }],
    statements: [
      { sql: 'select 1 from s.notes', role: 's', searchPath: null, isTopLevel: true, calls: 5_822 },
    ],
    statistics: {
      secondsOfScans: 30 * day,
      secondsOfStatements: 30 * day,
      scans: new Map([[1, 5_000]]),
      sinceVacuum: new Map(),
      ...statistics,
    },
  } as unknown as Facts
  return indexFindings(facts).map(({ severity }) => severity)
}

test('an index is unused when it was there, and all was counted, for longer than a week', () => {
  expect(unusedWith({})).toEqual(['warning'])
  expect(unusedWith({ age: null })).toEqual(['warning'])
  expect(unusedWith({ age: 600 })).toEqual(['info'])
  expect(unusedWith({ secondsOfScans: 600 })).toEqual(['info'])
  expect(unusedWith({ secondsOfStatements: 6 * day })).toEqual(['info'])
  expect(unusedWith({ secondsOfStatements: null })).toEqual(['info'])
  expect(unusedWith({ scans: new Map([[1, 999]]) })).toEqual([])
})
