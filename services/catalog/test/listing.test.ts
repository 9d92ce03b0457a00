import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createSearchRepository } from '../src/listing/search.repository.ts'
import {
  brandId,
  categoryId,
  dataOf,
  errorOf,
  openShop,
  productId,
  type Shop,
  seller,
  userId,
} from './shop.ts'
import { productCount } from './shop-data.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const list = /* GraphQL */ `query (
  $first: Int, $after: String, $last: Int, $before: String, $filter: ProductFilter, $sort: ProductSort
) {
  products(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) {
    edges { cursor node { id } }
    nodes { id title createdAt price { amount currency } stock { inStock } brand { slug } attributes { value } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`
type Node = { id: string; title: string; createdAt: string; price: { amount: number } }

async function read(variables: Record<string, unknown>) {
  const answer = dataOf(await shop.ask(list, variables)).products
  expect(dataOf(await shop.askUncached(list, variables)).products).toEqual(answer)
  return answer
}

const titles = (nodes: Node[]) => nodes.map(({ title }) => title)
const number = ({ id }: Node) => Number(Buffer.from(id, 'base64url').toString().split(':')[1])

const sorts: Record<string, (a: Node, b: Node) => number> = {
  POPULARITY_DESC: (a, b) => number(a) - number(b),
  PRICE_ASC: (a, b) => a.price.amount - b.price.amount || number(a) - number(b),
  PRICE_DESC: (a, b) => b.price.amount - a.price.amount || number(b) - number(a),
  NEWEST: (a, b) => number(b) - number(a),
  TITLE_ASC: (a, b) => (a.title < b.title ? -1 : 1),
}

test.each(Object.keys(sorts))(
  'by %s, pages in both directions hold every product once, in order',
  async (sort) => {
    const forward: Node[] = []
    for (let after: string | null = null, pages = 0; ; pages += 1) {
      const { nodes, edges, pageInfo } = await read({ sort, first: 17, after })
      expect(edges.map((edge: { node: object }) => edge.node)).toEqual(nodes.map(({ id }: Node) => ({ id })))
      expect(pageInfo.hasPreviousPage).toBe(pages > 0)
      forward.push(...nodes)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    expect(new Set(forward.map(({ id }) => id)).size).toBe(productCount)
    expect(titles(forward)).toEqual(titles([...forward].sort(sorts[sort])))

    const backward: Node[] = []
    for (let before: string | null = null; ; ) {
      const { nodes, pageInfo } = await read({ sort, last: 33, before })
      backward.unshift(...nodes)
      if (!pageInfo.hasPreviousPage) break
      before = pageInfo.startCursor
    }
    expect(titles(backward)).toEqual(titles(forward))
  },
)

test('20 products by popularity, unless asked otherwise', async () => {
  const { nodes, totalCount } = await read({})
  expect(nodes).toHaveLength(20)
  expect(titles(nodes).slice(0, 2)).toEqual(['Headphones No. 01', 'Headphones No. 02'])
  expect(totalCount).toBe(productCount)
  expect((await read({ first: null, sort: null, filter: null })).nodes).toEqual(nodes)
})

const facetsQuery = `query ($filter: ProductFilter) { products(filter: $filter) { facets {
  brands { brand { id } count } prices { from { amount currency } to { amount } count }
} } }`

/** What the facets of these products are: prices in shop-data.ts are all in one range. */
function facetsOf(ids: readonly number[]) {
  const brands = [1, 2, 3]
    .map((id) => ({
      brand: { id: brandId(id) },
      count: ids.filter((product) => (product % 3) + 1 === id).length,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
  const range = { from: { amount: 1000, currency: 'USD' }, to: { amount: 2500 }, count: ids.length }
  return { brands, prices: ids.length > 0 ? [range] : [] }
}

test.each<[string, object, (id: number) => boolean]>([
  ['a category with all below it', { categoryId: categoryId(1) }, (id) => id <= 70],
  ['a brand', { brandIds: [brandId(1)] }, (id) => id % 3 === 0],
  ['brands', { brandIds: [brandId(1), brandId(2), brandId(1)] }, (id) => id % 3 < 2],
  ['no brand in particular', { brandIds: [] }, () => true],
  ['a price range', { minPrice: 1200, maxPrice: 1400 }, (id) => [2, 3, 4].includes(id % 10)],
  ['stock', { inStock: true }, (id) => id % 7 !== 0],
  ['no stock', { inStock: false }, (id) => id % 7 === 0],
  ['a seller', { sellerId: userId(8) }, (id) => id > 60],
  ['an attribute', { attributes: [{ name: 'Colour', values: ['Red'] }] }, (id) => id % 3 === 0],
  ['either value', { attributes: [{ name: 'Colour', values: ['Red', 'Blue'] }] }, (id) => id % 3 !== 1],
  ['a value of another attribute', { attributes: [{ name: 'Size', values: ['Red'] }] }, () => false],
  ['words', { search: 'steel  lamps' }, (id) => id > 70 && id % 2 === 1],
  ["a brand's name", { search: 'zürich headphone' }, (id) => id <= 60 && id % 3 === 0],
  ['a phrase', { search: '"thing of wood"' }, (id) => id % 2 === 0],
  ['all but a word', { search: 'lamp -steel' }, (id) => id > 70 && id % 2 === 0],
  ['no words but excluded ones', { search: '-steel' }, () => false],
  ['a word, or the absence of another', { search: 'lamp or -steel' }, () => false],
  ['similar spelling, when there is no such word', { search: 'hedphones' }, (id) => id <= 60],
  [
    'everything at once',
    {
      categoryId: categoryId(2),
      brandIds: [brandId(2)],
      minPrice: 1100,
      maxPrice: 1900,
      inStock: true,
      sellerId: userId(7),
      attributes: [{ name: 'Colour', values: ['Green'] }],
      search: 'headphones',
    },
    (id) => id <= 60 && id % 3 === 1 && id % 7 !== 0 && id % 10 !== 0,
  ],
  // Without a category it is read from another table.
  ['words and stock', { search: 'headphones', inStock: true }, (id) => id <= 60 && id % 7 !== 0],
  ['words and no stock', { search: 'headphones', inStock: false }, (id) => id <= 60 && id % 7 === 0],
  [
    'words and either value',
    { search: 'headphones', attributes: [{ name: 'Colour', values: ['Red', 'Blue'] }] },
    (id) => id <= 60 && id % 3 !== 1,
  ],
  [
    'words and two attributes',
    {
      search: 'headphones',
      attributes: [
        { name: 'Colour', values: ['Red'] },
        { name: 'Size', values: ['Red'] },
      ],
    },
    () => false,
  ],
  ['words and a seller', { search: 'steel', sellerId: userId(8) }, (id) => id > 60 && id % 2 === 1],
  [
    'everything but a category',
    {
      brandIds: [brandId(2)],
      minPrice: 1100,
      maxPrice: 1900,
      inStock: true,
      sellerId: userId(7),
      attributes: [{ name: 'Colour', values: ['Green'] }],
      search: 'hedphones',
    },
    (id) => id <= 60 && id % 3 === 1 && id % 7 !== 0 && id % 10 !== 0,
  ],
  ['an unknown category', { categoryId: categoryId(999) }, () => false],
])('filters by %s', async (_name, filter, matches) => {
  const ids = Array.from({ length: productCount }, (_, index) => index + 1).filter(matches)
  for (const sort of ['POPULARITY_DESC', 'TITLE_ASC']) {
    const { nodes, totalCount } = await read({ filter, sort, first: 100 })
    expect(nodes.map(number).sort((a: number, b: number) => a - b)).toEqual(ids)
    expect(totalCount).toBe(ids.length)
  }
  const { products } = dataOf(await shop.ask(facetsQuery, { filter }))
  expect(products.facets).toEqual(facetsOf(ids))
})

test('a category lists its own products, and a filter by another category narrows that further', async () => {
  const query = `query ($id: ID!, $filter: ProductFilter) {
    category(id: $id) { products(filter: $filter, first: 100) {
      totalCount nodes { id } facets { prices { count } }
    } }
  }`
  const count = async (id: number, filter: object | null) => {
    const { category } = dataOf(await shop.ask(query, { id: categoryId(id), filter }))
    expect(category.products.nodes).toHaveLength(category.products.totalCount)
    const [range] = category.products.facets.prices
    expect(range?.count ?? 0).toBe(category.products.totalCount)
    return category.products.totalCount
  }
  expect(await count(1, null)).toBe(70)
  expect(await count(4, null)).toBe(10)
  expect(await count(1, { categoryId: categoryId(4) })).toBe(10)
  expect(await count(4, { categoryId: categoryId(1) })).toBe(10)
  expect(await count(4, { categoryId: categoryId(5) })).toBe(0)
})

test.each([
  '!!!',
  "'",
  '\\',
  ':*',
  'a & | ! <-> b',
  '((',
  '%_',
  '🎧',
  '""',
  '-',
  'or',
  'the',
  'x'.repeat(200),
  '-steel -wood',
])('no search text breaks the search: %s', async (search) => {
  expect((await read({ filter: { search } })).totalCount).toBeGreaterThanOrEqual(0)
})

test.each<[string, string | null]>([
  ['hedphones', 'headphones'],
  ['HEDPHONES wod', null],
  ['Zurich hedphones', 'headphones zürich'],
  ['the hedphones', 'headphones'],
  ['hedphones no 07', '07 headphones'],
  ['lampp', 'lamp'],
  ['xyzzy', null],
  ['鞋子', null],
  ['ﷺ'.repeat(200), null],
  [Array.from({ length: 11 }, (_, i) => `hedphone${'s'.repeat(i)}`).join(' '), null],
])('corrects %s to %s', async (search, corrected) => {
  const plan = await createSearchRepository(shop.database.db).findPlan(search)
  expect(plan).toEqual(
    corrected === null ? { by: 'nothing', text: search } : { by: 'spelling', text: corrected },
  )
})

test('knows the words of a title from its commit on', async () => {
  const { db } = shop.database
  const searches = createSearchRepository(db)
  expect(await searches.findPlan('barometr')).toMatchObject({ by: 'nothing' })
  await db.updateTable('products').set({ title: 'Barometer' }).where('id', '=', '80').execute()
  expect(await searches.findPlan('barometr')).toEqual({ by: 'spelling', text: 'barometer' })
  await db.updateTable('products').set({ title: 'Lamp No. 80' }).where('id', '=', '80').execute()
})

test('one operation searches ten lists, and no more', async () => {
  const searches = (count: number) =>
    Array.from({ length: count }, (_, i) => `a${i}: products(filter: { search: "lamp ${i}" }) { totalCount }`)
  expect((await shop.ask(`{ ${searches(10).join(' ')} }`)).errors).toBeUndefined()
  const { errors } = await shop.ask(`{ ${searches(11).join(' ')} }`)
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    { code: 'BAD_USER_INPUT', argument: 'filter.search', service: 'catalog' },
  ])
  // The same text in each category is as many searches.
  const inEach = Array.from(
    { length: 6 },
    (_, i) => `c${i}: category(id: "${categoryId(i + 1)}") { ...found }`,
  )
  const query = `{ ${inEach.join(' ')} ${searches(4).join(' ')} }`
  const found = 'fragment found on Category { products(filter: { search: "lamp" }) { totalCount } }'
  expect((await shop.ask(`${query} ${found}`)).errors).toBeUndefined()
  expect(
    (
      await shop.ask(
        `${query.replace('{', '{ more: products(filter: { search: "x" }) { totalCount }')} ${found}`,
      )
    ).errors,
  ).toHaveLength(1)
})

test('an operation of several changes searches no more than one without', async () => {
  const change = (from: number, count: number) => {
    const searches = Array.from(
      { length: count },
      (_, i) => `s${i}: products(filter: { search: "lamp ${from + i}" }) { totalCount }`,
    )
    return `m${from}: setPrice(input: { productId: "${productId(1)}", price: { amount: 500, currency: "USD" } }) {
      product { category { ${searches.join(' ')} } }
    }`
  }
  const { errors } = await shop.ask(`mutation { ${change(0, 5)} ${change(5, 5)} }`, {}, seller)
  expect(errors).toBeUndefined()
  expect(errorOf(await shop.ask(`mutation { ${change(0, 5)} ${change(5, 6)} }`, {}, seller))).toMatchObject({
    argument: 'filter.search',
  })
})

test('a search of white space is none', async () => {
  expect((await read({ filter: { search: ' \n\t ' } })).totalCount).toBe(productCount)
})

test('facets count brands and prices of what is listed', async () => {
  const query = `query ($filter: ProductFilter) { products(filter: $filter) {
    facets { brands { brand { name } count } prices { from { amount currency } to { amount } count } }
  } }`
  const { facets } = dataOf(await shop.ask(query, { filter: { categoryId: categoryId(4) } })).products
  expect(facets).toEqual({
    brands: [
      { brand: { name: 'Nordlicht' }, count: 4 },
      { brand: { name: 'Zürich Audio' }, count: 3 },
      { brand: { name: 'Acme' }, count: 3 },
    ],
    prices: [{ from: { amount: 1000, currency: 'USD' }, to: { amount: 2500 }, count: 10 }],
  })
  const empty = dataOf(await shop.ask(query, { filter: { search: 'nothing-of-the-kind' } })).products
  expect(empty.facets).toEqual({ brands: [], prices: [] })
})

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')

test.each<[object, string]>([
  [{ first: -1 }, 'first'],
  [{ first: 0 }, 'first'],
  [{ first: 101 }, 'first'],
  [{ first: 2_147_483_647 }, 'first'],
  [{ last: 101 }, 'last'],
  [{ first: 5, last: 5 }, 'last'],
  [{ first: 5, before: 'x' }, 'before'],
  [{ after: 'nonsense' }, 'after'],
  [{ after: '' }, 'after'],
  [{ after: cursor('listing.price-asc', '1', '1') }, 'after'],
  [{ after: cursor('listing.popularity', 'NaN', '1') }, 'after'],
  [{ after: cursor('listing.popularity', '1', "1'; drop table products; --") }, 'after'],
  [{ after: cursor('listing.popularity', '1') }, 'after'],
  [{ last: 5, before: cursor('listing.popularity', '1', '99999999999999999999') }, 'before'],
  [{ filter: { minPrice: -1 } }, 'filter.minPrice'],
  [{ filter: { maxPrice: 2_000_000_001 } }, 'filter.maxPrice'],
  [{ filter: { minPrice: 2, maxPrice: 1 } }, 'filter.minPrice'],
  [{ filter: { categoryId: 'x' } }, 'filter.categoryId'],
  [{ filter: { categoryId: brandId(1) } }, 'filter.categoryId'],
  [{ filter: { brandIds: [brandId(1), 'x'] } }, 'filter.brandIds[1]'],
  [{ filter: { brandIds: Array(51).fill(brandId(1)) } }, 'filter.brandIds'],
  [{ filter: { sellerId: productId(1) } }, 'filter.sellerId'],
  [{ filter: { attributes: Array(11).fill({ name: 'a', values: ['b'] }) } }, 'filter.attributes'],
  [{ filter: { attributes: [{ name: '', values: ['b'] }] } }, 'filter.attributes[0].name'],
  [{ filter: { attributes: [{ name: 'a', values: [] }] } }, 'filter.attributes[0].values'],
  [{ filter: { attributes: [{ name: 'a', values: Array(21).fill('b') }] } }, 'filter.attributes[0].values'],
  [{ filter: { attributes: [{ name: 'a', values: ['b\0'] }] } }, 'filter.attributes[0].values[0]'],
  [{ filter: { search: 'x'.repeat(201) } }, 'filter.search'],
  // U+FB2C is three characters once it is composed.
  [{ filter: { search: '\uFB2C'.repeat(67) } }, 'filter.search'],
  [{ filter: { search: 'a\0b' } }, 'filter.search'],
  [{ filter: { search: '\uD800' } }, 'filter.search'],
  [{ sort: 'CHEAPEST' }, 'sort'],
])('refuses %j, naming the argument', async (variables, argument) => {
  expect(errorOf(await shop.ask(list, variables as Record<string, unknown>))).toEqual({
    code: 'BAD_USER_INPUT',
    argument,
  })
})
