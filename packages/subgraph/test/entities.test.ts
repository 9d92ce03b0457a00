import { countStatements } from '@freshet/database'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { encodeId } from '../src/index.ts'
import { openShop, type Shop } from './shop/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const query = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Product { id name addedAt } }
}`
const representation = (id: unknown) => ({ __typename: 'Product', id })
const product = (id: string) => representation(encodeId('Product', id))

test('resolves a batch of representations in order with one statement, null for unknown ones', async () => {
  const representations = ['3', '1', '77', '3'].map(product)
  const { result, statements } = await countStatements(shop.database, () =>
    shop.subgraph.executeOperation({ query, variables: { representations } }),
  )
  expect(statements).toHaveLength(1)
  expect(result.errors).toBeUndefined()
  const cup = { id: encodeId('Product', '3'), name: 'Cup', addedAt: '2026-11-03T00:00:00.000Z' }
  expect(result.data._entities).toEqual([cup, expect.objectContaining({ name: 'Anvil' }), null, cup])
})

test('fails a representation that can not be, and no other', async () => {
  const representations = [
    product('1'),
    representation('nonsense'),
    representation(7),
    representation(undefined),
    product('2'),
  ]
  const { data, errors } = await shop.subgraph.executeOperation({ query, variables: { representations } })
  expect(data._entities.map((entity: { name: string } | null) => entity?.name ?? null)).toEqual([
    'Anvil',
    null,
    null,
    null,
    'Bell',
  ])
  expect(errors!.map(({ path }) => path)).toEqual([1, 2, 3].map((index) => ['_entities', index]))
  expect(errors![0]).toMatchObject({
    message: '`id` is not the id of a Product',
    extensions: { code: 'BAD_USER_INPUT', argument: 'id', service: 'shop' },
  })
})

test('pages a connection by default resolvers', async () => {
  const { data } = await shop.subgraph.executeOperation({
    query:
      '{ products(last: 2) { edges { cursor node { name } } nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
  })
  const { edges, nodes, pageInfo } = data.products
  expect(nodes).toEqual([{ name: 'Drum' }, { name: 'Egg' }])
  expect(edges.map(({ node }: { node: unknown }) => node)).toEqual(nodes)
  expect(pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: true,
    startCursor: edges[0].cursor,
    endCursor: edges[1].cursor,
  })
})
