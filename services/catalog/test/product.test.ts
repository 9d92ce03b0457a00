import { createCacheInspector } from '@freshet/cache/inspect'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { dataOf, errorOf, openShop, productId, type Shop, userId, variantId } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const page = /* GraphQL */ `query ($id: ID!) {
  product(id: $id) {
    id title description version createdAt updatedAt
    price { amount currency }
    brand { name slug }
    category { name path depth }
    categories { name }
    variants { sku title available price { amount currency } }
    stock { available inStock }
    attributes { name value }
    images { url alt width height }
    seller { id }
    related(first: 3) { id }
  }
}`

test('a product page holds everything about the product', async () => {
  const { product } = dataOf(await shop.ask(page, { id: productId(5) }))
  expect(product).toEqual({
    id: productId(5),
    title: 'Headphones No. 05',
    description: 'A thing of steel, number 5.',
    version: 1,
    createdAt: '2026-01-01T00:05:00.000Z',
    updatedAt: '2026-01-01T00:05:00.000Z',
    price: { amount: 1500, currency: 'USD' },
    brand: { name: 'Acme', slug: 'brand-3' },
    category: { name: 'Headphones', path: 'Electronics > Audio > Headphones', depth: 2 },
    categories: [{ name: 'Electronics' }, { name: 'Audio' }, { name: 'Headphones' }],
    variants: [
      { sku: 'SKU-5-0', title: 'Small', available: 5, price: { amount: 1500, currency: 'USD' } },
      { sku: 'SKU-5-1', title: 'Large', available: 5, price: { amount: 1750, currency: 'USD' } },
    ],
    stock: { available: 10, inStock: true },
    attributes: [{ name: 'Colour', value: 'Blue' }],
    images: [{ url: 'https://images.freshet.example/5.jpg', alt: 'Headphones', width: 800, height: 600 }],
    seller: { id: userId(7) },
    related: [{ id: productId(1) }, { id: productId(2) }, { id: productId(3) }],
  })
  expect(dataOf(await shop.ask(page, { id: productId(5) })).product).toEqual(product)
})

test('a product is cached for an hour, less up to a tenth of it, and an unknown one for a minute', async () => {
  const inspector = createCacheInspector(shop)
  for (const [id, seconds] of [
    [6, 3_600],
    [998, 60],
  ] as const) {
    await shop.ask(page, { id: productId(id) })
    const { isHit, ttlMs } = await inspector.describe(`product:1:${id}`)
    expect(isHit).toBe(true)
    expect(ttlMs! / 1_000).toBeLessThanOrEqual(seconds)
    // Half a minute is for a machine that is busy between storing and looking.
    expect(ttlMs! / 1_000).toBeGreaterThan(seconds * 0.9 - 30)
  }
})

test('related products leave the product itself out', async () => {
  const { product } = dataOf(await shop.ask(page, { id: productId(2) }))
  expect(product.related).toEqual([{ id: productId(1) }, { id: productId(3) }, { id: productId(4) }])
})

test('an unknown id is null, a malformed one an error that names the argument', async () => {
  expect(dataOf(await shop.ask(page, { id: productId(999) })).product).toBeNull()
  for (const id of [
    '5',
    '',
    'UHJvZHVjdDow',
    productId('5 or 1=1'),
    variantId(5),
    productId('9'.repeat(19)),
    '\0',
  ]) {
    expect(errorOf(await shop.ask(page, { id }))).toEqual({ code: 'BAD_USER_INPUT', argument: 'id' })
  }
})

test('`related` takes 1 to 24', async () => {
  const query = 'query ($id: ID!, $first: Int) { product(id: $id) { related(first: $first) { id } } }'
  for (const first of [0, -1, 25, 2_000_000_000]) {
    expect(errorOf(await shop.ask(query, { id: productId(5), first }))).toEqual({
      code: 'BAD_USER_INPUT',
      argument: 'first',
    })
  }
  expect(dataOf(await shop.ask(query, { id: productId(5), first: 24 })).product.related).toHaveLength(24)
  expect(dataOf(await shop.ask(query, { id: productId(5), first: null })).product.related).toHaveLength(6)
})

test('resolves references of every entity in order, null for unknown ones', async () => {
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on Product { title } ... on Category { name } ... on Brand { name } ... on Variant { sku }
    }
  }`
  const reference = (type: string, id: number) => ({
    __typename: type,
    id: Buffer.from(`${type}:${id}`).toString('base64url'),
  })
  const representations = [
    reference('Product', 2),
    reference('Variant', 3),
    reference('Product', 999),
    reference('Category', 4),
    reference('Brand', 1),
    reference('Product', 1),
    reference('Variant', 99_999),
  ]
  expect(dataOf(await shop.ask(query, { representations }))._entities).toEqual([
    { title: 'Headphones No. 02' },
    { sku: 'SKU-2-0' },
    null,
    { name: 'Video' },
    { name: 'Zürich Audio' },
    { title: 'Headphones No. 01' },
    null,
  ])
})

test('an archived product is found by its id, and in no list', async () => {
  await shop.database.db.updateTable('products').set({ status: 'ARCHIVED' }).where('id', '=', '80').execute()
  const query =
    'query ($id: ID!) { product(id: $id) { title } products(filter: { search: "lamp" }) { totalCount } }'
  const { product, products } = dataOf(await shop.askUncached(query, { id: productId(80) }))
  expect(product).toEqual({ title: 'Lamp No. 80' })
  expect(products.totalCount).toBe(9)
})
