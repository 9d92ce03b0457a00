import { countStatements } from '@freshet/database'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { changes, filters, setPrice } from './changes.ts'
import { admin, categoryId, dataOf, openShop, productId, type Shop, variantId } from './shop.ts'

/*
 * After every kind of change, every query that it may concern must answer as if there were no cache. Each test warms
 * all of the queries below, changes something, and compares each answer with that of the same service without a cache.
 */

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const productFields = `title description version updatedAt price { amount currency } brand { name } category { name }
  categories { name } variants { sku available price { amount currency } } stock { available inStock } attributes { value }`
const pageFields = 'nodes { id title } edges { cursor } pageInfo { hasNextPage endCursor }'
/** These don't depend on the order. */
const countFields = `totalCount
  facets { brands { brand { name } count } prices { from { amount currency } count } }`

const sorts = ['POPULARITY_DESC', 'PRICE_ASC', 'NEWEST', 'TITLE_ASC']

/** Every listing of the shop, and of categories of each level and tree, with every filter and sort; and every product's page. */
function queries(): string[] {
  const lists = sorts.flatMap((sort) =>
    filters.map((filter) => {
      const list = `products(first: 10, sort: ${sort}, filter: ${filter}) {
        ${pageFields} ${sort === sorts[0] ? countFields : ''}
      }`
      const categories = [1, 3, 4, 6].map((id) => `c${id}: category(id: "${categoryId(id)}") { ${list} }`)
      return `{ ${list} ${categories.join(' ')} }`
    }),
  )
  const ids = [1, 2, 3, 7, 61, 71, 1001, 1002, 1003]
  const pages = ids.map(
    (id) => `p${id}: product(id: "${productId(id)}") { ${productFields} related { title } }`,
  )
  const references = [
    ...ids.map((id) => `{ __typename: "Product", id: "${productId(id)}" }`),
    ...[1, 2, 13, 10001, 10002, 10003].map((id) => `{ __typename: "Variant", id: "${variantId(id)}" }`),
  ]
  const entities = `{ _entities(representations: [${references.join(', ')}]) {
    ... on Product { title version } ... on Variant { sku available price { amount } } } }`
  return [...lists, `{ ${pages.join(' ')} }`, entities]
}

async function answersOf(ask: Shop['ask']): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const query of queries()) answers.push(dataOf(await ask(query)))
  return answers
}

/** What the cache holds answers for: those of the test before, if there was one. */
let warm: unknown[] | undefined

async function mutate(mutation: string): Promise<void> {
  warm ??= await answersOf(shop.ask)
  const [payload] = Object.values(dataOf(await shop.ask(`mutation { ${mutation} }`, {}, admin)))
  expect(payload).toMatchObject({ userErrors: [] })
  const expected = await answersOf(shop.askUncached)
  // The change must be one that these queries see, or the comparison proves nothing.
  expect(expected).not.toEqual(warm)
  warm = await answersOf(shop.ask)
  for (const [index, query] of queries().entries()) {
    expect([query, warm[index]]).toEqual([query, expected[index]])
  }
}

test.each(changes)('nothing stale after %s', async (_name, mutation) => {
  await mutate(mutation)
})

test('a new price leaves lists alone that look at no price', async () => {
  const list = '{ products(sort: NEWEST) { nodes { id } totalCount } }'
  const byPrice = '{ products(sort: PRICE_ASC) { nodes { id } } }'
  for (const query of [list, byPrice]) dataOf(await shop.ask(query))
  dataOf(await shop.ask(`mutation { ${setPrice(20, 1)} }`, {}, admin))
  const statementsOf = async (query: string) => {
    return (await countStatements(shop.database, () => shop.ask(query))).statements.length
  }
  expect(await statementsOf(list)).toBe(0)
  expect(await statementsOf(byPrice)).toBe(2)
})
