import { openFailingCache } from '@freshet/subgraph/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import {
  deliver,
  type Harness,
  insertAccounts,
  insertFacts,
  openUsers,
  productChanged,
  productId,
  storedEvents,
  viewer,
} from './harness.ts'

interface WishlistPage {
  totalCount: number
  edges: { cursor: string; node: { product: { id: string } } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
}

let h: Harness
beforeAll(async () => {
  h = await openUsers({ wishlistLimit: 12 })
  await insertAccounts(h, 5)
  await insertFacts(h, 50)
})
afterAll(() => h.close())
beforeEach(async () => {
  await sql`truncate wishlist_items, outbox`.execute(h.db)
  await h.cache.clear()
})

const ADD = `mutation ($product: ID!) {
  addToWishlist(input: { productId: $product }) {
    item { id product { id } priceWhenAdded { amount currency } priceDropPercent }
    product { id wishlistedByCount viewerHasWishlisted }
    userErrors { code field message }
  }
}`
const REMOVE = `mutation ($product: ID!) {
  removeFromWishlist(input: { productId: $product }) { product { wishlistedByCount viewerHasWishlisted } userErrors { code } }
}`
const PRODUCTS = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Product { id wishlistedByCount viewerHasWishlisted } }
}`

const add = async (user: string, product: number) =>
  (await h.run({ query: ADD, variables: { product: productId(product) }, viewer: viewer(user) })).data
    .addToWishlist
const remove = async (user: string, product: number) =>
  (await h.run({ query: REMOVE, variables: { product: productId(product) }, viewer: viewer(user) })).data
    .removeFromWishlist
const products = async (user: string | null, ids: number[]) => {
  const representations = ids.map((id) => ({ __typename: 'Product', id: productId(id) }))
  const asked = await h.run({
    query: PRODUCTS,
    variables: { representations },
    viewer: user === null ? null : viewer(user),
  })
  return asked.data._entities.map((product: { wishlistedByCount: number; viewerHasWishlisted: boolean }) => [
    product.wishlistedByCount,
    product.viewerHasWishlisted,
  ])
}
const page = async (user: string, args: string): Promise<WishlistPage> =>
  (
    await h.run({
      query: `{ me { wishlist(${args}) { totalCount edges { cursor node { product { id } } } nodes { id }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
      viewer: viewer(user),
    })
  ).data.me.wishlist

test('adds a product with its price, and the answer counts it already', async () => {
  await products('1', [7])
  expect(await add('1', 7)).toMatchObject({
    item: {
      product: { id: productId(7) },
      priceWhenAdded: { amount: 1000, currency: 'USD' },
      priceDropPercent: null,
    },
    product: { id: productId(7), wishlistedByCount: 1, viewerHasWishlisted: true },
    userErrors: [],
  })
  expect(await storedEvents(h)).toEqual([
    { type: 'freshet.users.wishlist-changed.v1', data: { userId: '1', productId: '7', change: 'added' } },
  ])
})

test('adding twice, also at the same time, is one item and one event', async () => {
  const [first, ...others] = await Promise.all(Array.from({ length: 6 }, () => add('1', 7)))
  for (const other of others) expect(other.item.id).toBe(first.item.id)
  expect((await page('1', 'first: 5')).totalCount).toBe(1)
  expect(await storedEvents(h)).toHaveLength(1)
})

test('removes it, and removing what is not there changes nothing', async () => {
  await add('1', 7)
  await products('1', [7])
  expect(await remove('1', 7)).toEqual({
    product: { wishlistedByCount: 0, viewerHasWishlisted: false },
    userErrors: [],
  })
  expect(await products('1', [7])).toEqual([[0, false]])
  const before = await storedEvents(h)
  expect((await remove('1', 7)).userErrors).toEqual([])
  expect(await storedEvents(h)).toEqual(before)
})

test('an add and a remove that are tried again after their writer died are fresh in the next read', async () => {
  // Commits, and its invalidations reach nobody.
  const dead = await h.openWith(openFailingCache(h).cache)
  const count = async () => (await products(null, [8]))[0][0]
  const dying = (query: string) =>
    dead.subgraph.executeOperation({ query, variables: { product: productId(8) }, viewer: viewer('1') })
  expect(await count()).toBe(0)
  await dying(ADD)
  expect(await count()).toBe(0)
  await add('1', 8)
  expect(await count()).toBe(1)
  await dying(REMOVE)
  expect(await count()).toBe(1)
  await remove('1', 8)
  expect(await count()).toBe(0)
  await dead.close()
})

test('each viewer sees the same count and their own wish', async () => {
  await add('1', 7)
  await add('2', 7)
  await add('2', 8)
  expect(await products('1', [7, 8, 9])).toEqual([
    [2, true],
    [1, false],
    [0, false],
  ])
  expect(await products('2', [7, 8, 9])).toEqual([
    [2, true],
    [1, true],
    [0, false],
  ])
  expect(await products('3', [7, 8, 9])).toEqual([
    [2, false],
    [1, false],
    [0, false],
  ])
  expect(await products(null, [7, 8, 9])).toEqual([
    [2, null],
    [1, null],
    [0, null],
  ])
})

test('refuses a product that nobody has told of, and names the field', async () => {
  const { item, userErrors } = await add('1', 999)
  expect(item).toBeNull()
  expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'productId'] }])
  await deliver(h, productChanged({ productId: '999', version: 1, amount: 500 }))
  expect((await add('1', 999)).item.priceWhenAdded).toEqual({ amount: 500, currency: 'USD' })
})

test('a full list takes no more, however many try at the same time', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => add('1', index + 1)))
  expect(answers.filter(({ item }) => item !== null)).toHaveLength(12)
  const refused = answers.filter(({ item }) => item === null)
  for (const { userErrors } of refused) expect(userErrors).toMatchObject([{ code: 'LIMIT_REACHED' }])
  expect((await page('1', 'first: 1')).totalCount).toBe(12)
})

test('pages through the list in both directions, the newest first', async () => {
  for (const id of [1, 2, 3, 4, 5, 6, 7]) await add('1', id)
  const all = await page('1', 'first: 7')
  const ids = (found: WishlistPage) => found.edges.map(({ node }) => node.product.id)
  expect(ids(all)).toEqual([7, 6, 5, 4, 3, 2, 1].map(productId))
  expect(all.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  const first = await page('1', 'first: 3')
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const second = await page('1', `first: 3, after: "${first.pageInfo.endCursor}"`)
  expect([...ids(first), ...ids(second)]).toEqual([7, 6, 5, 4, 3, 2].map(productId))
  expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  const back = await page('1', `last: 2, before: "${second.pageInfo.startCursor}"`)
  expect(ids(back)).toEqual([6, 5].map(productId))
  expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  expect(ids(await page('1', 'last: 2'))).toEqual([2, 1].map(productId))
})

test('items that were added in the same millisecond are on one page each', async () => {
  await sql`insert into wishlist_items (user_id, product_id, added_at)
    select 2, id, '2026-01-01' from generate_series(1, 9) as id`.execute(h.db)
  const seen: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const found: WishlistPage = await page('2', after === null ? 'first: 2' : `first: 2, after: "${after}"`)
    seen.push(...found.edges.map(({ node }) => node.product.id))
    after = found.pageInfo.endCursor
    more = found.pageInfo.hasNextPage
  }
  expect(seen).toHaveLength(9)
  expect(new Set(seen).size).toBe(9)
})

test('a fallen price shows in per cent, rounded down, and a risen or foreign one does not', async () => {
  await add('1', 20)
  const drop = async () =>
    (await h.run({ query: '{ me { wishlist { nodes { priceDropPercent } } } }', viewer: viewer('1') })).data
      .me.wishlist.nodes[0].priceDropPercent
  expect(await drop()).toBeNull()
  await deliver(h, productChanged({ productId: '20', version: 2, amount: 667 }))
  expect(await drop()).toBe(33)
  await deliver(h, productChanged({ productId: '20', version: 3, amount: 996 }))
  expect(await drop()).toBe(0)
  await deliver(h, productChanged({ productId: '20', version: 4, amount: 1200 }))
  expect(await drop()).toBeNull()
  await deliver(h, productChanged({ productId: '20', version: 5, amount: 1, currency: 'CHF' }))
  expect(await drop()).toBeNull()
})

test('an anonymous viewer may not wish', async () => {
  const { errors } = await h.run({ query: ADD, variables: { product: productId(1) } })
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
})
