import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { migrate } from '@freshet/database'
import { eventually, withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { categoryId, openShop, productId, type Shop, seller, service } from './shop.ts'

/** Enough that a scan, or a rewrite, of the table is not over at once. */
const many = 8_000
const fixtures = new URL('./live-migrations/', import.meta.url)

let shop: Shop
let folder: string | undefined
beforeAll(async () => {
  // Production's statement timeout.
  shop = await openShop({ statementTimeoutMs: 4_000 })
  for (let first = 1; first <= many; first += 1_000)
    await sql`
      insert into products (id, seller_id, title, brand_id, category_id, price_minor, currency, available, popularity)
      select 10000 + i, 7, 'Luminaire ' || i, 2, 6, 100 + i % 5000, 'USD', i % 10, 1.0 / (1000 + i)
      from generate_series(${first}::integer, ${first + 999}::integer) as i`.execute(shop.database.db)
  // Beside the sources: what it imports is found from here.
  folder = await mkdtemp(fileURLToPath(new URL('./.migrations-', import.meta.url)))
  await cp(service.migrations, folder, { recursive: true })
})
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true })
  await shop.close()
})

const run = () =>
  migrate({
    url: shop.testDatabase.url,
    folder: folder!,
    service: 'catalog',
    report: (line) => lines.push(line),
  })
let lines: string[] = []

/** Reads and writes past every cache until the work is done; what was answered, and every error. */
async function underLoad<Result>(work: (failures: readonly string[]) => Promise<Result>) {
  let running = true
  const answers = { reads: 0, writes: 0 }
  const failures: string[] = []
  const note = (kind: 'reads' | 'writes', { errors }: Awaited<ReturnType<Shop['ask']>>) => {
    answers[kind]++
    if (errors !== undefined) failures.push(JSON.stringify(errors))
  }
  async function reader(): Promise<void> {
    for (let i = 0; running; i++) {
      const id = categoryId([1, 5, 6][i % 3]!)
      const sort = ['PRICE_ASC', 'NEWEST', 'POPULARITY_DESC'][i % 3]!
      note('reads', await shop.askUncached(page, { id, sort, product: productId(1 + (i % 80)) }))
    }
  }
  async function writer(first: number): Promise<void> {
    for (let i = 0; running; i++) {
      const input = {
        productId: productId(first + (i % 10)),
        price: { amount: 1_000 + (i % 500), currency: 'USD' },
      }
      note('writes', await shop.askUncached(setPrice, { input }, seller))
    }
  }
  const load = Promise.all([reader(), reader(), writer(1), writer(11)])
  const result = await work(failures).finally(() => {
    running = false
  })
  await load
  return { result, answers, failures }
}

const page = `query ($id: ID!, $sort: ProductSort!, $product: ID!) {
  category(id: $id) { products(first: 24, sort: $sort) { totalCount nodes { id title price { amount } } } }
  product(id: $product) { version stock { available } variants { sku } }
}`
const setPrice = `mutation ($input: SetPriceInput!) { setPrice(input: $input) { product { version } userErrors { message } } }`

test('every kind of step is made while the service is used, and no request fails', async () => {
  await cp(fixtures, folder!, { recursive: true })
  const { result, answers, failures } = await underLoad(run)
  expect(result.applied).toEqual([
    '0901_condition',
    '0902_fill_condition',
    '0903_condition_required',
    '0904_condition_validated',
    '0905_products_by_condition',
    '0906_without_condition',
  ])
  expect(failures).toEqual([])
  expect(answers.reads).toBeGreaterThan(5)
  expect(answers.writes).toBeGreaterThan(5)
})

test('whoever holds the table for long keeps the migration from it, and nobody else', async () => {
  await writeFile(
    `${folder}/0907_waits.ts`,
    `export const up = (db) => db.schema.alterTable('products').addColumn('waited', 'text').execute()`,
  )
  lines = []
  const retried = 'catalog: 0907_waits is tried again: another transaction holds a lock that it needs'
  const { result, answers, failures } = await underLoad(async () => {
    const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
    let isOver = false
    const report = shop.database.db.transaction().execute(async (trx) => {
      await sql`select count(*) from products`.execute(trx)
      opened()
      // Until the migration has noticed, or failed; never silent for long, or PostgreSQL would end it.
      while (!isOver && !lines.includes(retried)) await sql`select pg_sleep(0.1)`.execute(trx)
    })
    await isOpen
    const migrated = await run().finally(() => {
      isOver = true
    })
    await report
    return migrated
  })
  expect(result.applied).toEqual(['0907_waits'])
  expect(lines).toContain(retried)
  expect(failures).toEqual([])
  expect(answers.writes).toBeGreaterThan(0)
})

test('a step that locks the table and takes its time is noticed', async () => {
  await writeFile(
    `${folder}/0908_holds.ts`,
    `export const up = async (db) => {
      await db.schema.alterTable('products').addColumn('held', 'text').execute()
      await db.selectNoFrom((eb) => eb.fn('set_config', [eb.val('lock_timeout'), eb.val('0'), eb.val(true)]).as('set')).execute()
      await db.selectNoFrom((eb) => eb.fn('pg_advisory_xact_lock', [eb.val(1)]).as('held')).execute()
    }`,
  )
  await withClient(shop.testDatabase.url, async (clock) => {
    await clock.query('select pg_advisory_lock(1)')
    const { failures } = await underLoad(async (failures) => {
      const migrated = run()
      // It takes its time until a request has failed for it.
      await Promise.race([eventually(() => expect(failures).not.toEqual([])), migrated])
      await clock.query('select pg_advisory_unlock(1)')
      return migrated
    })
    expect(failures.length).toBeGreaterThan(0)
  })
})
