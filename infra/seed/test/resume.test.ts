import { startFaultProxy } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { isSeeded, SeedError, type SeedOptions, type SeedProgress, seed } from '../src/index.ts'
import { createSupergraphDatabase, fingerprint, indexes } from './supergraph-database.ts'

/* An interrupted seed goes on where it was, and nobody takes what is there by then for all of it. */

const data = { scale: 'xs', until: new Date('2026-11-23T00:00:00Z'), pieceRows: 400 } as const
const open: (() => Promise<void>)[] = []
/** Seeded without an interruption. */
let wholeUrl: string
let whole: string

async function openDatabase(): Promise<string> {
  const database = await createSupergraphDatabase()
  open.push(database.close)
  return database.adminUrl
}

beforeAll(async () => {
  wholeUrl = await openDatabase()
  await seed({ adminUrl: wholeUrl, ...data })
  whole = await fingerprint(wholeUrl)
})

afterAll(async () => {
  for (const close of open) await close()
})

/** Seeds until `isDue` says so, and is interrupted there; false if that never was. */
async function interruptedAt(
  options: SeedOptions,
  isDue: (progress: SeedProgress) => boolean,
): Promise<boolean> {
  const controller = new AbortController()
  const run = seed({
    ...options,
    signal: controller.signal,
    onProgress: (progress) => isDue(progress) && controller.abort(),
  })
  const failure = await run.then(
    () => null,
    (error: unknown) => error,
  )
  if (failure === null) return false
  expect(failure).toBeInstanceOf(SeedError)
  expect(failure).toMatchObject({ code: 'SEED_FAILED', message: expect.stringContaining('interrupted') })
  return true
}

test('interrupted after each stage, it ends with the same rows, indexes and sequences', async () => {
  const adminUrl = await openDatabase()
  const stages: string[] = []
  // What a run before it has done is not told again: each of these runs does one stage.
  while (
    await interruptedAt({ adminUrl, ...data }, ({ table, done }) => {
      if (done) stages.push(table)
      return done
    })
  )
    expect(await isSeeded({ adminUrl })).toBe(false)
  expect(stages).toEqual([...new Set(stages)])
  expect(stages).toEqual(
    expect.arrayContaining(['catalog.products', 'indexes of catalog.products', 'analytics.recently_viewed']),
  )
  expect(await fingerprint(adminUrl)).toBe(whole)
  expect(await isSeeded({ adminUrl })).toBe(true)
})

test.each(['catalog.products', 'analytics.activity'])(
  'cut off in the middle of %s, it goes on behind what was committed, and ends with the same rows',
  async (table) => {
    const adminUrl = await openDatabase()
    const network = await startFaultProxy({ target: adminUrl })
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    try {
      const run = seed({
        adminUrl: network.urlOf(adminUrl),
        ...data,
        onProgress: (progress) => {
          // At once, as a crash would: nobody says good-bye, and nothing more of the table arrives.
          if (progress.table === table && Number(progress.rows) > 100) network.set('cut')
        },
      })
      await expect(run).rejects.toMatchObject({ code: 'SEED_FAILED' })
      const committed = Number((await client.query(`select count(*) from ${table}`)).rows[0].count)
      expect(committed % data.pieceRows).toBe(0)
      const told: SeedProgress[] = []
      await seed({ adminUrl, ...data, onProgress: (progress) => told.push(progress) })
      expect(told[0]).toMatchObject({ table, rows: committed })
    } finally {
      await client.end()
      await network.close()
    }
    expect(await fingerprint(adminUrl)).toBe(whole)
  },
)

test('refuses another seed than was begun, and says how to finish or to begin anew', async () => {
  const adminUrl = await openDatabase()
  await interruptedAt({ adminUrl, ...data }, ({ table }) => table === 'catalog.variants')
  for (const other of [{ scale: 's' }, { seed: 2 }, { until: new Date('2026-11-22T00:00:00Z') }] as const)
    await expect(seed({ adminUrl, ...data, ...other, profile: 'spare' })).rejects.toMatchObject({
      code: 'OTHER_SEED_BEGUN',
      message: expect.stringMatching(
        /"freshet seed --scale xs --seed 1 --until 2026-11-23T00:00:00\.000Z -p spare".*"freshet down --delete-data -p spare"/,
      ),
    })
  // The end that it was begun with is remembered.
  await seed({ adminUrl, ...data, until: undefined })
  expect(await fingerprint(adminUrl)).toBe(whole)
})

test('leaves every index as the migrations had made it, and nothing of its own', async () => {
  const read = async (adminUrl: string, query: string) => {
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    const { rows } = await client.query(query)
    await client.end()
    return rows
  }
  const ofYears = /activity_\d{4}/
  const before = await read(await openDatabase(), indexes)
  const after = await read(wholeUrl, indexes)
  expect(after.filter(({ row }) => !ofYears.test(row))).toEqual(before)
  // Each month of two years, and each year, has its primary key and the index by product.
  expect(after.filter(({ row }) => ofYears.test(row))).toHaveLength(2 * 26)
  expect(after.filter(({ row }) => / f /.test(row))).toEqual([])
  expect(await read(wholeUrl, "select to_regnamespace('seed') as schema")).toEqual([{ schema: null }])
})

test('does not seed while another process does', async () => {
  const adminUrl = await openDatabase()
  const other = new pg.Client({ connectionString: adminUrl })
  await other.connect()
  try {
    await other.query("select pg_advisory_lock(hashtext('freshet seed'))")
    await expect(seed({ adminUrl, ...data })).rejects.toMatchObject({ code: 'BUSY' })
  } finally {
    await other.end()
  }
})
