import { rollups } from '@freshet/analytics/test/recounts'
import { createTestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import * as icons from 'simple-icons'
import { isSeeded, SCALES, seed } from '../src/index.ts'
import { createSupergraphDatabase, fingerprint } from './supergraph-database.ts'

const until = new Date('2026-11-23T00:00:00Z')
const open: (() => Promise<void>)[] = []

async function openDatabase(): Promise<string> {
  const database = await createSupergraphDatabase()
  open.push(database.close)
  return database.adminUrl
}

let adminUrl: string
let client: pg.Client

beforeAll(async () => {
  adminUrl = await openDatabase()
  await seed({ adminUrl, scale: 'xs', until })
  client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
})

afterAll(async () => {
  await client?.end()
  for (const close of open) await close()
})

const value = async (sql: string) => Object.values((await client.query(sql)).rows[0])[0]

test('fills every table at the scale that it is told', async () => {
  expect(await value('select count(*)::int from catalog.products')).toBe(SCALES.xs.products)
  expect(await value('select count(*)::int from users.accounts')).toBe(SCALES.xs.users)
  expect(await value('select count(*)::int from analytics.activity')).toBe(SCALES.xs.events)
  expect(await value('select count(*)::int from catalog.categories')).toBe(5_582)
  expect(await value('select count(distinct depth)::int from catalog.categories')).toBe(7)
  expect(await isSeeded({ adminUrl })).toBe(true)
})

test('the same seed gives the same rows, another seed gives others', async () => {
  const again = await openDatabase()
  await seed({ adminUrl: again, scale: 'xs', until })
  expect(await fingerprint(again)).toBe(await fingerprint(adminUrl))
  const other = await openDatabase()
  await seed({ adminUrl: other, scale: 'xs', until, seed: 2 })
  expect(await fingerprint(other)).not.toBe(await fingerprint(adminUrl))
})

test('gives the most popular tenth of the products most of the attention', async () => {
  const share = await value(`
    select sum(views) filter (where rank <= ${SCALES.xs.products / 10}) / sum(views)
    from (select views, row_number() over (order by views desc) as rank from analytics.product_stats) s`)
  expect(Number(share)).toBeGreaterThan(0.5)
})

test('spreads prices log-normally within each category, about its median', async () => {
  // A category's median and its currency set the middle; what is left of the logarithm is the spread.
  const { rows } = await client.query(`
    with logs as (
      select ln(price_minor) - avg(ln(price_minor)) over same as deviation, count(*) over same as size
      from catalog.products window same as (partition by category_id, currency))
    select count(*)::int as prices, sqrt(sum(deviation ^ 2) / sum(1 - 1.0 / size)) as spread,
      sum(deviation ^ 3) / count(*) / (sum(deviation ^ 2) / count(*)) ^ 1.5 as skew
    from logs where size > 1`)
  const { prices, spread, skew } = rows[0]
  expect(prices).toBeGreaterThan(100)
  expect(Number(spread)).toBeGreaterThan(0.55)
  expect(Number(spread)).toBeLessThan(0.85)
  // Logarithms are symmetric; the prices themselves would lean to the right.
  expect(Math.abs(Number(skew))).toBeLessThan(0.5)
})

test('products look like those of a real shop: brands, descriptions, attributes, letters of many scripts', async () => {
  const titles = new Set(Object.values(icons).map((icon) => 'title' in icon && icon.title))
  const { rows } = await client.query('select name from catalog.brands')
  expect(rows.length).toBeGreaterThan(1_000)
  expect(rows.map(({ name }) => name).filter((name) => !titles.has(name))).toEqual([])
  const wrong = {
    unbranded:
      'select count(*)::int from catalog.products p join catalog.brands b on b.id = brand_id where not starts_with(title, b.name)',
    undescribed: 'select count(*)::int from catalog.products where length(description) < 40',
    'without attributes':
      'select count(*)::int from catalog.products where jsonb_array_length(attributes) = 0 or jsonb_path_exists(attributes, \'$[*] ? (@.name == "" || @.value == "")\')',
  }
  for (const [what, sql] of Object.entries(wrong)) expect([what, await value(sql)]).toEqual([what, 0])
  for (const letters of ['[à-ÿ]', '[а-я]', '[一-龠]'])
    expect(
      await value(`select count(*)::int from catalog.products where title ~ '${letters}'`),
    ).toBeGreaterThan(0)
})

test('the scale of a first start is small enough to wait for: 20,000 products', () => {
  expect(SCALES.s).toEqual({ products: 20_000, users: 2_000, events: 300_000 })
})

test('has more traffic in the evening than at night, and more at weekends', async () => {
  const hours = await value(`
    select count(*) filter (where extract(hour from occurred_at at time zone 'UTC') = 20)::float
      / count(*) filter (where extract(hour from occurred_at at time zone 'UTC') = 3) from analytics.activity`)
  expect(Number(hours)).toBeGreaterThan(4)
  const days = await value(`
    select count(*) filter (where extract(isodow from occurred_at at time zone 'UTC') = 7)::float
      / count(*) filter (where extract(isodow from occurred_at at time zone 'UTC') = 2) from analytics.activity`)
  expect(Number(days)).toBeGreaterThan(1.1)
})

test.each(rollups)('folds the stream into $rollup as analytics does', async ({ rollup, differences }) => {
  await client.query('begin; set local search_path = analytics, catalog')
  const { rows: found } = await client.query(`select from ${rollup}`)
  expect(found.length).toBeGreaterThan(10)
  expect((await client.query(differences)).rows).toEqual([])
  await client.query('rollback')
})

test('keeps what is derived true to what it is derived from', async () => {
  const wrong = {
    available:
      'select count(*)::int from catalog.products p where available <> (select sum(available) from catalog.variants v where v.product_id = p.id)',
    price:
      'select count(*)::int from catalog.products p where price_minor <> (select min(price_minor) from catalog.variants v where v.product_id = p.id)',
    facts:
      'select count(*)::int from catalog.products p left join analytics.product_facts f on f.product_id = p.id and f.version = p.version where f is null',
    activity: 'select count(*)::int from analytics.activity_default',
  }
  for (const [what, sql] of Object.entries(wrong)) expect([what, await value(sql)]).toEqual([what, 0])
})

test('leaves every sequence behind the last id: the next row is new', async () => {
  const { rows: numbered } = await client.query<{ table: string; column: string; sequence: string }>(`
    select attrelid::regclass::text as table, attname as column,
      pg_get_serial_sequence(attrelid::regclass::text, attname) as sequence
    from pg_attribute join pg_class c on c.oid = attrelid
    where relnamespace in ('catalog'::regnamespace, 'users'::regnamespace, 'analytics'::regnamespace)
      and relkind in ('r', 'p') and attidentity <> '' and not relispartition order by 1`)
  expect(numbered.map(({ table }) => table)).toContain('catalog.products')
  for (const { table, column, sequence } of numbered) {
    const last = await value(`select coalesce(max(${column}), 0)::int from ${table}`)
    expect([table, await value(`select nextval('${sequence}')::int`)]).toEqual([table, Number(last) + 1])
  }
})

test('refuses a database that has rows, and one without tables, before it writes anything', async () => {
  await expect(seed({ adminUrl, scale: 'xs' })).rejects.toMatchObject({ code: 'NOT_EMPTY' })
  const empty = await createTestDatabase({ service: 'catalog' })
  open.push(empty.close)
  await expect(seed({ adminUrl: empty.adminUrl, scale: 'xs' })).rejects.toMatchObject({
    code: 'NOT_MIGRATED',
    message: expect.stringContaining('freshet migrate'),
  })
  expect(await isSeeded({ adminUrl: empty.adminUrl })).toBe(false)
})
