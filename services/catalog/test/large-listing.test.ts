import { vacuumAnalyze } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Kysely, sql } from 'kysely'
import type { DB } from '../src/generated/db.ts'
import { createFacetsRepository } from '../src/listing/facets.repository.ts'
import { listingQuery, type PlannedFilter } from '../src/listing/listing.query.ts'
import { createListingRepository } from '../src/listing/listing.repository.ts'
import { noFilter } from '../src/listing/listing.request.ts'
import { createSearchRepository } from '../src/listing/search.repository.ts'
import { scansOf } from './plans.ts'
import { brandId, categoryId, dataOf, openShop, type Shop } from './shop.ts'

/** More than are counted. All in Lamps (6), below Home (5). */
const many = 10_200

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  const { db } = shop.database
  await sql`insert into brands (id, name, slug) values (4, 'Rara', 'brand-4')`.execute(db)
  // The least popular ones are of a brand of their own, and so are some few that have a seller and an attribute, too.
  await sql`
    insert into products
      (id, seller_id, title, brand_id, category_id, price_minor, currency, available, popularity, created_at, attributes)
    select 10000 + i, case when i % 1000 = 7 then 70 else 8 end, 'Luminaire ' || i,
      case when i > 9990 then 3 when i % 1000 = 7 then 4 when i % 100 = 0 then 1 else 2 end, 6, 100 + i * 7919 % 5000,
      'USD', i % 10, 1.0 / (1000 + i), timestamptz '2026-02-01' + i * interval '1 minute',
      case when i % 1000 = 7 then '[{"name": "Material", "value": "Brass"}]'::jsonb else '[]' end
    from generate_series(1, ${many}::integer) as i`.execute(db)
  await sql`insert into title_words select 'w' || md5(i::text) from generate_series(1, 5000) as i`.execute(db)
  // A GIN index gathers what is new in a list: until that is sorted in, the index looks dear.
  await vacuumAnalyze(shop.testDatabase.url, 'products', 'product_categories', 'title_words')
})
afterAll(() => shop.close())

test('counts up to 10,000, and facets among the 10,000 most popular', async () => {
  const query = `query ($id: ID!, $brand: ID!) { category(id: $id) {
    all: products(first: 1) { totalCount facets { brands { brand { slug } count } prices { count } } }
    one: products(first: 1, filter: { brandIds: [$brand] }) { totalCount }
  } }`
  const { category } = dataOf(await shop.ask(query, { id: categoryId(5), brand: brandId(1) }))
  const sum = (facets: { count: number }[]) => facets.reduce((total, { count }) => total + count, 0)
  expect(category.all.totalCount).toBe(10_000)
  expect(category.all.facets.brands).toEqual([
    { brand: { slug: 'brand-2' }, count: 9_884 },
    { brand: { slug: 'brand-1' }, count: 102 },
    { brand: { slug: 'brand-4' }, count: 10 },
    { brand: { slug: 'brand-3' }, count: 4 },
  ])
  expect(sum(category.all.facets.prices)).toBe(10_000)
  expect(category.one.totalCount).toBe(102)
})

const orders = [
  ['popularity', 'desc'],
  ['price_minor', 'asc'],
  ['price_minor', 'desc'],
  ['created_at', 'desc'],
  ['title', 'asc'],
] as const

test.each(
  orders.flatMap(([column, direction]) => [
    [column, direction, null] as const,
    [column, direction, '5'] as const,
  ]),
)('a page by %s %s of %s is a range of an index: no scan, no sort', async (column, direction, category) => {
  const plan = await listingQuery(shop.database.db, category, { ...noFilter, search: null })
    .select('listing.id')
    .orderBy(`listing.${column}`, direction)
    .orderBy('listing.id', direction)
    .limit(21)
    .explain('json')
  const nodes = [...JSON.stringify(plan).matchAll(/"Node Type":"([^"]+)"/g)].map(([, type]) => type)
  expect(nodes).toEqual(['Limit', expect.stringMatching(/^Index (Only )?Scan$/)])
})

type Categories = (string | null)[]

test.each<[string, Partial<PlannedFilter>, string]>([
  ['a brand', { brandIds: ['4'] }, 'brand_id = ANY'],
  ['prices', { minPrice: 1_000, maxPrice: 1_003 }, 'price_minor >= 1000) AND (price_minor <= 1003'],
  ['a seller', { sellerId: '70' }, 'seller_id ='],
  ['an attribute', { attributes: [{ name: 'Material', values: ['Brass'] }] }, 'attribute_keys &&'],
  ['a word', { search: { text: '4711', by: 'words' } }, 'search @@'],
])(
  '%s that few products have: they are looked up for page, count and facets',
  async (_what, some, condition) => {
    const filter = { ...noFilter, search: null, ...some }
    for (const categoryIds of [[null], ['5'], ['1', '5']] satisfies Categories[]) {
      const plans = await scansOf(shop, async (db) => {
        const listings = createListingRepository(db)
        await listings.findPages(categoryIds, filter, 'POPULARITY_DESC', { first: 20 })
        await listings.count(categoryIds, filter)
        await createFacetsRepository(db).find(categoryIds, filter)
      })
      expect(plans).toHaveLength(3)
      for (const scans of plans) {
        expect(scans).toContainEqual(
          expect.objectContaining({ condition: expect.stringContaining(condition) }),
        )
        expect(scans.map(({ type }) => type)).not.toContain('Seq Scan')
      }
    }
  },
)

test.each<[string, Partial<PlannedFilter>]>([
  ['all', {}],
  ['those in stock', { inStock: true }],
  ['a brand', { brandIds: ['2'] }],
  ['prices', { minPrice: 500 }],
  ['an attribute', { attributes: [{ name: 'Material', values: ['Brass'] }] }],
])('%s, by popularity: page and facets are read from one index alone', async (_what, some) => {
  const filter = { ...noFilter, search: null, ...some }
  for (const categoryIds of [[null], ['5']] satisfies Categories[]) {
    const run = async (db: Kysely<DB>) => {
      await createListingRepository(db).findPages(categoryIds, filter, 'POPULARITY_DESC', { first: 20 })
      await createFacetsRepository(db).find(categoryIds, filter)
    }
    const ranked = expect.objectContaining({ type: 'Index Only Scan', index: 'product_categories_ranked' })
    expect(await scansOf(shop, run, { sorts: false })).toEqual([[ranked], [ranked]])
  }
})

test('of a misspelled word, similar ones are looked up', async () => {
  const [scans] = await scansOf(shop, (db) => createSearchRepository(db).findPlan('luminare'))
  expect(scans).toContainEqual(
    expect.objectContaining({ index: 'title_words_similar', condition: expect.stringContaining('word %') }),
  )
  expect(scans?.map(({ type }) => type)).not.toContain('Seq Scan')
})
