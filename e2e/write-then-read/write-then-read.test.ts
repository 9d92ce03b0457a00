import { eventually } from '@freshet/testing'
import { beforeAll, expect, test } from '@jest/globals'
import { ask, isHit, productId, signIn } from '../supergraph.ts'

let admin: string
beforeAll(async () => {
  admin = await signIn('admin')
})

test('the next query sees a new price, although the old one was cached for an hour: fifty times in a row', async () => {
  const id = productId(11)
  const { data } = await ask('ProductPage', { id })
  const { currency } = data.product.price
  for (let round = 1; round <= 50; round++) {
    const amount = 1_000 + round
    const written = await ask(
      'SetPrice',
      { input: { productId: id, price: { amount, currency } } },
      { token: admin },
    )
    expect(written.data.setPrice.userErrors).toEqual([])
    expect(written.data.setPrice.product.price.amount).toBe(amount)
    const read = await ask('ProductPage', { id })
    expect(read.data.product.price.amount).toBe(amount)
    expect(isHit(read)).toBe(false)
    // It is the caches that were fresh: from here on they answer. A write of another scenario may end that once more.
    await eventually(async () => {
      const again = await ask('ProductPage', { id })
      expect(again.data.product.price.amount).toBe(amount)
      expect(isHit(again)).toBe(true)
    })
  }
})

test('the next query sees a new title, in the page and in a list that was cached', async () => {
  const id = productId(12)
  const title = `Renamed ${Date.now()}`
  const query =
    'query ($id: ID!) { product(id: $id) { seller { id } category { products(first: 100, sort: NEWEST) { nodes { id title } } } } }'
  await ask(query, { id })
  const written = await ask('UpdateProduct', { input: { id, title } }, { token: admin })
  expect(written.data.updateProduct).toMatchObject({ product: { title }, userErrors: [] })
  expect((await ask('ProductPage', { id })).data.product.title).toBe(title)
  const { data } = await ask(query, { id })
  expect(data.product.category.products.nodes).toContainEqual({ id, title })
})

test('a list sorted by price is in order in the next query', async () => {
  // Of a product of this test alone: others change prices at the same time.
  const id = productId(15)
  const { currency } = (await ask('ProductPage', { id })).data.product.price
  const before = await ask('ProductList', { first: 20, sort: 'PRICE_ASC' })
  expect(before.data.products.nodes[0].id).not.toBe(id)
  await ask('SetPrice', { input: { productId: id, price: { amount: 1, currency } } }, { token: admin })
  const after = await ask('ProductList', { first: 20, sort: 'PRICE_ASC' })
  expect(after.data.products.nodes[0]).toMatchObject({ id, price: { amount: 1 } })
})

test('users and analytics, which keep what they know of products, follow through Kafka', async () => {
  const id = productId(13)
  const { data } = await ask('ProductPage', { id })
  const { amount, currency } = data.product.price
  const demo = await signIn('demo')
  await ask('AddToWishlist', { input: { productId: id } }, { token: demo })
  const title = `Followed ${Date.now()}`
  await ask('UpdateProduct', { input: { id, title } }, { token: admin })
  await ask(
    'SetPrice',
    { input: { productId: id, price: { amount: Math.floor(amount / 2), currency } } },
    { token: admin },
  )

  // users: a notification of the fallen price, and by how much it has fallen since it was wished for.
  await eventually(async () => {
    const me = (await ask('Me', {}, { token: demo })).data.me
    expect(me.notifications.nodes).toContainEqual({
      kind: 'PRICE_DROP',
      message: expect.stringContaining(title),
      product: { id },
    })
    const item = me.wishlist.nodes.find((one: { product: { id: string } }) => one.product.id === id)
    expect(item).toMatchObject({ priceWhenAdded: { amount, currency } })
    expect(item.priceDropPercent).toBeGreaterThanOrEqual(50)
  })
  // analytics: the title in the seller's dashboard.
  await ask('Track', {
    input: { events: [{ id: crypto.randomUUID(), kind: 'PURCHASE', productId: id, quantity: 900 }] },
  })
  const sellerId = data.product.seller.id
  await eventually(async () => {
    const { data: board } = await ask(
      'query ($sellerId: ID!) { dashboard(sellerId: $sellerId) { topProducts(first: 100) { title product { id } } } }',
      { sellerId },
      { token: admin },
    )
    expect(board.dashboard.topProducts).toContainEqual({ title, product: { id } })
  })
})

test('only the seller of a product, or an admin, may change it', async () => {
  const input = { productId: productId(14), price: { amount: 5, currency: 'USD' } }
  const guest = await ask('SetPrice', { input })
  expect(guest.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  const customer = await ask('SetPrice', { input }, { token: await signIn('demo') })
  expect(customer.data.setPrice).toMatchObject({ product: null, userErrors: [{ code: 'FORBIDDEN' }] })
})
