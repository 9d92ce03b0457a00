import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { listingQuery } from '../src/listing/listing.query.ts'
import { noFilter } from '../src/listing/listing.request.ts'
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
  await sql`vacuum analyze products, product_categories, title_words`.execute(db)
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

test('a rare word is looked up, however many products there are', async () => {
  const search = { text: '4711', by: 'words' } as const
  const plan = await listingQuery(shop.database.db, null, { ...noFilter, search })
    .select('listing.id')
    .orderBy('listing.popularity', 'desc')
    .limit(21)
    .explain('json')
  expect(JSON.stringify(plan)).toContain('products_with_words')
})
