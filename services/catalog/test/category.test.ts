import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { categoryId, dataOf, errorOf, openShop, type Shop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const query = /* GraphQL */ `query ($id: ID, $slug: String) {
  category(id: $id, slug: $slug) {
    id name slug path depth
    parent { name }
    ancestors { name }
    children { name children { name } }
  }
}`

test('is found by id and by slug, with its place in the tree', async () => {
  const audio = {
    id: categoryId(2),
    name: 'Audio',
    slug: 'electronics-audio',
    path: 'Electronics > Audio',
    depth: 1,
    parent: { name: 'Electronics' },
    ancestors: [{ name: 'Electronics' }],
    children: [{ name: 'Headphones', children: [] }],
  }
  expect(dataOf(await shop.ask(query, { id: categoryId(2) })).category).toEqual(audio)
  expect(dataOf(await shop.ask(query, { slug: 'electronics-audio' })).category).toEqual(audio)
  expect(dataOf(await shop.ask(query, { slug: 'electronics-audio' })).category).toEqual(audio)
})

test('is null when there is none', async () => {
  expect(dataOf(await shop.ask(query, { id: categoryId(999) })).category).toBeNull()
  expect(dataOf(await shop.ask(query, { slug: 'no-such' })).category).toBeNull()
})

test.each<[object, string]>([
  [{}, 'id'],
  [{ id: null, slug: null }, 'id'],
  [{ id: categoryId(1), slug: 'home' }, 'slug'],
  [{ id: 'x' }, 'id'],
  [{ slug: 'x'.repeat(301) }, 'slug'],
  [{ slug: 'a\0' }, 'slug'],
])('refuses %j, naming the argument', async (variables, argument) => {
  expect(errorOf(await shop.ask(query, variables as Record<string, unknown>))).toEqual({
    code: 'BAD_USER_INPUT',
    argument,
  })
})

test('the tree begins at the roots, by name', async () => {
  const tree = '{ categoryTree { name parent { name } children { name children { name } } } }'
  for (let time = 0; time < 2; time += 1) {
    expect(dataOf(await shop.ask(tree)).categoryTree).toEqual([
      {
        name: 'Electronics',
        parent: null,
        children: [
          { name: 'Audio', children: [{ name: 'Headphones' }] },
          { name: 'Video', children: [] },
        ],
      },
      { name: 'Home', parent: null, children: [{ name: 'Lamps', children: [] }] },
    ])
  }
})
