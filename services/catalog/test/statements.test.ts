import { countStatements } from '@freshet/database'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { categoryId, dataOf, openShop, type Shop } from './shop.ts'

/*
 * Of every list: 50 entries take as many SQL statements as 5, and none when all of it has been asked before. Counted
 * through the cache, which is emptied first, as a fresh start would find it.
 */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())
beforeEach(() => shop.forget())

async function statementsOf(query: string, variables: Record<string, unknown>) {
  const { statements } = await countStatements(shop.database, async () =>
    dataOf(await shop.ask(query, variables)),
  )
  return statements
}

const listOf = (fields: string) => `query ($first: Int!) { products(first: $first) { ${fields} } }`

test.each<[string, string, number]>([
  ['nodes', listOf('nodes { id title description price { amount } stock { inStock } images { url } }'), 2],
  ['edges', listOf('edges { cursor node { title } } pageInfo { endCursor }'), 2],
  ['totalCount alone', listOf('totalCount'), 1],
  ['facets', listOf('facets { brands { brand { name } count } prices { count } }'), 2],
  ['Product.seller', listOf('nodes { seller { id } }'), 2],
  ['Product.brand', listOf('nodes { brand { name } }'), 3],
  ['Product.category', listOf('nodes { category { name } }'), 3],
  ['Product.categories', listOf('nodes { categories { name } }'), 4],
  ['Product.variants', listOf('nodes { variants { sku price { amount } } }'), 3],
  ['Product.related', listOf('nodes { related(first: 4) { title } }'), 3],
  [
    'everything of a product',
    listOf(`totalCount nodes {
      title seller { id } brand { name } category { name } categories { name parent { name } ancestors { name } }
      variants { sku } stock { available } attributes { name } related(first: 4) { title variants { sku } }
    }`),
    8,
  ],
])(
  '%s: as many statements for 50 products as for 5, and none the second time',
  async (_name, query, expected) => {
    const few = await statementsOf(query, { first: 5 })
    await shop.forget()
    const many = await statementsOf(query, { first: 50 })
    expect(many).toHaveLength(few.length)
    expect(many).toHaveLength(expected)
    // Fills are not waited for by readers; the cache's next read of the same connection comes after them.
    expect(await statementsOf(query, { first: 50 })).toEqual([])
  },
)

test.each<[string, string, number]>([
  ['products', '{ categoryTree { children { products(first: 3) { nodes { title } } } } }', 6],
  ['totalCount', '{ categoryTree { children { products(first: 3) { totalCount } } } }', 5],
  ['facets', '{ categoryTree { children { products(first: 3) { facets { prices { count } } } } } }', 5],
  [
    'children and parent',
    '{ categoryTree { children { parent { name } ancestors { name } children { name } } } }',
    6,
  ],
])('%s of many categories: one statement for all of them', async (_name, query, expected) => {
  expect(await statementsOf(query, {})).toHaveLength(expected)
  expect(await statementsOf(query, {})).toEqual([])
})

test('one statement for all representations of a type', async () => {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Product { title price { amount } } ... on Category { name } } }`
  const references = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      __typename: 'Product',
      id: Buffer.from(`Product:${index + 1}`).toString('base64url'),
    }))
  const categories = [1, 2, 3].map((id) => ({ __typename: 'Category', id: categoryId(id) }))
  expect(await statementsOf(query, { representations: [...references(50), ...categories] })).toHaveLength(2)
})

test('a page behind a cursor is read anew, and its products are not', async () => {
  const query = `query ($after: String) { products(first: 5, after: $after) { nodes { title } pageInfo { endCursor } } }`
  const { products } = dataOf(await shop.ask(query))
  const after = products.pageInfo.endCursor
  expect(await statementsOf(query, { after })).toHaveLength(2)
  expect(await statementsOf(query, { after })).toHaveLength(1)
})
