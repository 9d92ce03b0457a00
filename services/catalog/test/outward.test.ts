import {
  type Answered,
  answersTo,
  changed,
  type FieldQuery,
  fieldQueries,
  leaks,
  missedChanges,
} from '@freshet/subgraph/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { changes, filters } from './changes.ts'
import {
  admin,
  brandId,
  categoryId,
  customer,
  dataOf,
  openShop,
  productId,
  type Shop,
  seller,
  variantId,
} from './shop.ts'

/* What catalog's answers tell the caches outside of it: on which tags they depend, for how long and for whom they are kept. */

let shop: Shop
let queries: FieldQuery[]
beforeAll(async () => {
  shop = await openShop()
  queries = [...everyField(), ...lists()]
})
afterAll(() => shop?.close())

/**
 * Every field of every type; below root fields those next to them, the others are the entities' own. 1001 to 1003 do not
 * exist before a change puts them on sale, nor do the variants from 10001 on.
 */
const everyField = () =>
  fieldQueries(shop.catalog.subgraph.schema, {
    args: {
      'Query.product': [`id: "${productId(1)}"`],
      'Query.products': ['first: 3, filter: { search: "unheard" }'],
      'Query.category': ['slug: "home-lamps"'],
      'Category.products': ['first: 3, sort: PRICE_ASC'],
      'Product.related': ['first: 4'],
    },
    representations: {
      Product: [1, 2, 3, 7, 61, 62, 71, 1001, 1002, 1003].map((id) => ({ id: productId(id) })),
      Variant: [1, 2, 13, 141, 10001, 10002].map((id) => ({ id: variantId(id) })),
      Category: [1, 2, 3, 4, 6, 99].map((id) => ({ id: categoryId(id) })),
      Brand: [1, 2, 3, 99].map((id) => ({ id: brandId(id) })),
      // Named here, resolved elsewhere.
      User: [],
    },
  }).filter(({ name }) => name.startsWith('_entities') || name.split(' ').length <= 2)

/**
 * Every listing by itself, and of it what depends on no product's own tag: where a page begins and ends, the count, the
 * facets. Only the listing's tags can tell that it changed.
 */
function lists(): FieldQuery[] {
  const asked = [
    ...['POPULARITY_DESC', 'PRICE_ASC', 'TITLE_ASC'].map((sort) => [
      `first: 3, sort: ${sort}`,
      'pageInfo { startCursor endCursor hasNextPage }',
    ]),
    ['first: 1', 'totalCount'],
    ['first: 1', 'facets { brands { count } prices { from { amount } count } }'],
  ]
  const representations = [1, 3, 4, 6].map((id) => ({ __typename: 'Category', id: categoryId(id) }))
  return filters.flatMap((filter) =>
    asked.flatMap(([args, fields]) => {
      const list = `products(${args}, filter: ${filter}) { ${fields} }`
      const ofCategories = `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on Category { ${list} } } }`
      return [
        { name: list, query: `{ ${list} }` },
        { name: `category's ${list}`, query: ofCategories, variables: { representations } },
      ]
    }),
  )
}

let before: Answered | undefined

test.each(changes)('what is kept outside is told of %s', async (_what, mutation) => {
  before ??= await answersTo(shop.catalog.subgraph, queries)
  const { data, extensions } = await shop.ask(`mutation { ${mutation} }`, {}, admin)
  expect(Object.values(data)).toEqual([{ userErrors: [] }])
  // What the field cache served stale would hide what outer caches are not told.
  await shop.forget()
  const after = await answersTo(shop.catalog.subgraph, queries)
  // The change must be one that these queries see, or the comparison proves nothing.
  expect(changed(before, after)).not.toEqual([])
  const { tags, sequence } = extensions!.freshet!.invalidated!
  expect(sequence).toMatch(/^\d{16}$/)
  expect(missedChanges(before, after, tags)).toEqual([])
  before = after
})

test('everything is everybody’s, and kept', async () => {
  const answers = await Promise.all(
    [null, customer, seller, admin].map((viewer) => answersTo(shop.catalog.subgraph, queries, viewer)),
  )
  expect(leaks(answers)).toEqual([])
  const unkept = answers.flat().filter(({ kept }) => kept === undefined || kept.isPrivate)
  expect([...new Set(unkept.map(({ name }) => name))]).toEqual([])
})

async function freshnessOf(query: string, variables: Record<string, unknown> = {}) {
  const answer = await shop.ask(query, variables)
  dataOf(answer)
  return answer.extensions!.freshet!
}

test('a product page depends on all its rows, each told apart for each representation', async () => {
  const { tags, entities, ...told } = await freshnessOf(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product {
      title brand { name } categories { name } variants { sku } } } }`,
    { of: [50, 80].map((id) => ({ __typename: 'Product', id: productId(id) })) },
  )
  expect(told).toEqual({ maxAge: 3600, scope: 'PUBLIC' })
  const named = entities!.map((indexes) => new Set(indexes.map((index) => tags![index])))
  const common = ['product', 'brand', 'brand:3', 'category']
  expect(named).toEqual([
    new Set([...common, 'product:50', 'category:1', 'category:2', 'category:3']),
    new Set([...common, 'product:80', 'category:5', 'category:6']),
  ])
})

test('a later page depends on what the first one does, though the cache does not hold it', async () => {
  const page = (args: string) => freshnessOf(`{ products(${args}) { pageInfo { endCursor } } }`)
  const { data } = await shop.ask('{ products(first: 2, sort: PRICE_ASC) { pageInfo { endCursor } } }')
  const after = data.products.pageInfo.endCursor
  const first = await page('first: 2, sort: PRICE_ASC')
  expect(first).toMatchObject({ maxAge: 300, tags: ['product-list', 'product', 'product-list:price'] })
  expect(await page(`first: 2, sort: PRICE_ASC, after: "${after}"`)).toEqual(first)
})
