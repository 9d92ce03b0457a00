import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { encodeId } from '../src/index.ts'
import { queryTags } from '../src/query-tags.ts'
import { openShop, type Shop } from './shop/shop.ts'

let shop: Shop
/** The tags of each statement, and how it begins. */
const sent: { statement: string; operation?: string; field?: string }[] = []
beforeAll(async () => {
  shop = await openShop()
  shop.database.onStatement((sql) => sent.push({ statement: /\w+/.exec(sql)![0], ...queryTags() }))
})
afterAll(() => shop.close())
beforeEach(() => {
  sent.length = 0
})

const id = (product: number) => encodeId('Product', String(product))

test('a batch is of the field that asked first, and of the operation as the client calls it', async () => {
  const query = `query Page__shop__2 { product(id: "${id(1)}") { name next { name next { name } } } }`
  await shop.subgraph.executeOperation({ query })
  expect(sent).toEqual([
    { statement: 'select', operation: 'Page', field: 'Query.product' },
    { statement: 'select', operation: 'Page', field: 'Product.next' },
    { statement: 'select', operation: 'Page', field: 'Product.next' },
  ])
})

test('representations are asked for by their type', async () => {
  await shop.subgraph.executeOperation({
    query: 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { name } } }',
    variables: { of: [{ __typename: 'Product', id: id(5) }] },
  })
  expect(sent).toEqual([{ statement: 'select', operation: undefined, field: '_entities.Product' }])
})

test('a mutation keeps its name across transactions and awaits', async () => {
  const query = `mutation Rename { rename(id: "${id(2)}", name: "Belt") { id } }`
  await shop.subgraph.executeOperation({ query })
  expect(sent.map(({ statement }) => statement)).toEqual(['begin', 'update', 'insert', 'commit', 'select'])
  expect(new Set(sent.map(({ operation, field }) => `${operation} ${field}`))).toEqual(
    new Set(['Rename Mutation.rename']),
  )
})

test('there is no operation outside of a request', () => {
  expect(queryTags()).toBeUndefined()
})
