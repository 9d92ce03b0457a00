import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import {
  admin,
  brandId,
  categoryId,
  customer,
  dataOf,
  errorOf,
  openShop,
  otherSeller,
  productId,
  type Shop,
  seller,
  userId,
  variantId,
} from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())
beforeEach(async () => {
  await shop.database.db.deleteFrom('outbox').execute()
})

const product = 'product { id version title price { amount currency } updatedAt }'
const errors = 'userErrors { code field message }'
const setPrice = `mutation ($input: SetPriceInput!) { setPrice(input: $input) { ${product} ${errors} } }`
const update = `mutation ($input: UpdateProductInput!) { updateProduct(input: $input) {
  product { version title description brand { slug } category { name } attributes { name value } } ${errors} } }`
const adjust = `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) {
  product { version stock { available inStock } } variant { available } ${errors} } }`
const create = `mutation ($input: CreateProductInput!) { createProduct(input: $input) {
  product { id version title description brand { slug } category { name } seller { id } price { amount currency }
    stock { available } variants { sku title price { amount currency } available } attributes { name value } images { url } }
  ${errors} } }`

const usd = (amount: number) => ({ amount, currency: 'USD' })
const lamp = (more: object = {}) => ({
  title: ' Lampe d’été ',
  description: 'Warm.',
  brandId: brandId(2),
  categoryId: categoryId(6),
  price: usd(4999),
  attributes: [{ name: 'Colour', value: 'Red' }],
  variants: [
    { sku: 'L-1', title: 'Small', available: 3 },
    { sku: 'L-2', title: 'Large', price: usd(5999) },
  ],
  ...more,
})

// biome-ignore lint/suspicious/noExplicitAny: a test reads the answer that it asked for.
async function change(mutation: string, input: object, viewer = seller): Promise<any> {
  return Object.values(dataOf(await shop.ask(mutation, { input }, viewer)))[0]
}

async function events() {
  const rows = await shop.database.db.selectFrom('outbox').select('payload').orderBy('seq').execute()
  return rows.map(({ payload }) => JSON.parse(payload))
}

test('changes need a viewer', async () => {
  const inputs: [string, object][] = [
    [setPrice, { productId: productId(1), price: usd(1) }],
    [update, { id: productId(1), title: 'x' }],
    [adjust, { variantId: variantId(1), by: 1 }],
    [create, lamp()],
  ]
  for (const [mutation, input] of inputs) {
    expect(errorOf(await shop.ask(mutation, { input }))).toMatchObject({ code: 'UNAUTHENTICATED' })
  }
})

test('only sellers and admins create; only the seller and admins change', async () => {
  const refused = { product: null, userErrors: [expect.objectContaining({ code: 'FORBIDDEN' })] }
  expect(await change(create, lamp(), customer)).toEqual(refused)
  for (const viewer of [customer, otherSeller]) {
    expect(await change(setPrice, { productId: productId(1), price: usd(1) }, viewer)).toEqual(refused)
    expect(await change(update, { id: productId(1), title: 'Mine' }, viewer)).toEqual(refused)
    expect(await change(adjust, { variantId: variantId(1), by: 1 }, viewer)).toMatchObject(refused)
  }
  expect(await events()).toEqual([])
  const answer = await change(setPrice, { productId: productId(1), price: usd(1234) }, admin)
  expect(answer).toMatchObject({ product: { version: 2, price: usd(1234) }, userErrors: [] })
})

test('a changed price counts the version up and stores one event with all that others keep', async () => {
  const answer = await change(setPrice, { productId: productId(5), price: usd(1400) })
  expect(answer.product).toMatchObject({ version: 2, price: usd(1400) })
  expect(await events()).toEqual([
    expect.objectContaining({
      type: 'freshet.catalog.product-changed.v1',
      source: 'urn:freshet:catalog',
      subject: '5',
      data: {
        productId: '5',
        version: 2,
        change: 'priced',
        title: 'Headphones No. 05',
        sellerId: '7',
        categoryIds: ['1', '2', '3'],
        price: usd(1400),
        available: 10,
        changedAt: answer.product.updatedAt,
      },
    }),
  ])
})

test('variants that cost what the product cost follow its price, others keep theirs', async () => {
  const query = 'query ($id: ID!) { product(id: $id) { variants { price { amount } } } }'
  const prices = async () => {
    const { variants } = dataOf(await shop.ask(query, { id: productId(10) })).product
    return variants.map(({ price }: { price: { amount: number } }) => price.amount)
  }
  expect(await prices()).toEqual([1000, 1250])
  await change(setPrice, { productId: productId(10), price: usd(900) })
  expect(await prices()).toEqual([900, 1250])
})

test('another currency is accepted only if every variant follows', async () => {
  const eur = { amount: 1100, currency: 'EUR' }
  const refused = await change(setPrice, { productId: productId(15), price: eur })
  expect(refused.userErrors).toEqual([
    expect.objectContaining({ code: 'CURRENCY_MISMATCH', field: ['input', 'price', 'currency'] }),
  ])
  const { product } = await change(setPrice, { productId: productId(16), price: eur })
  expect(product.price).toEqual(eur)
  const query = 'query ($id: ID!) { product(id: $id) { variants { price { amount currency } } } }'
  const { variants } = dataOf(await shop.ask(query, { id: productId(16) })).product
  expect(variants).toEqual([{ price: eur }, { price: eur }])
})

test('a change that changes nothing has no version and no event', async () => {
  const { product } = await change(setPrice, { productId: productId(20), price: usd(1000) })
  expect(product.version).toBe(1)
  const title = 'Headphones No. 20'
  const same = {
    id: productId(20),
    title,
    categoryId: categoryId(3),
    attributes: [{ name: 'Colour', value: 'Blue' }],
  }
  expect(await change(update, same)).toMatchObject({ product: { version: 1, title }, userErrors: [] })
  expect(await change(update, { id: productId(20) })).toMatchObject({ product: { version: 1 } })
  expect(await change(adjust, { variantId: variantId(39), by: 0 })).toMatchObject({ product: { version: 1 } })
  expect(await events()).toEqual([])
})

test('ifVersion refuses to undo what somebody else did since', async () => {
  const input = { productId: productId(21), price: usd(1), ifVersion: 1 }
  expect((await change(setPrice, input)).product.version).toBe(2)
  const late = await change(setPrice, { ...input, price: usd(2) })
  expect(late).toEqual({
    product: null,
    userErrors: [expect.objectContaining({ code: 'VERSION_CONFLICT', field: ['input', 'ifVersion'] })],
  })
  const edit = await change(update, { id: productId(21), title: 'Late', ifVersion: 1 })
  expect(edit.userErrors[0].code).toBe('VERSION_CONFLICT')
  expect((await change(update, { id: productId(21), title: 'In time', ifVersion: 2 })).product.version).toBe(
    3,
  )
})

test('updateProduct changes what is given and keeps the rest', async () => {
  const input = {
    id: productId(22),
    description: 'New.',
    brandId: null,
    attributes: [],
    categoryId: categoryId(4),
  }
  expect((await change(update, input)).product).toEqual({
    version: 2,
    title: 'Headphones No. 22',
    description: 'New.',
    brand: null,
    category: { name: 'Video' },
    attributes: [],
  })
  const [event] = await events()
  expect(event.data).toMatchObject({
    change: 'updated',
    categoryIds: ['1', '4'],
    previousCategoryIds: ['1', '2', '3'],
  })
})

test('createProduct answers with the new product', async () => {
  const { product, userErrors } = await change(create, lamp())
  expect(userErrors).toEqual([])
  expect(product).toMatchObject({
    version: 1,
    title: 'Lampe d’été',
    description: 'Warm.',
    brand: { slug: 'brand-2' },
    category: { name: 'Lamps' },
    seller: { id: userId(7) },
    price: usd(4999),
    stock: { available: 3 },
    variants: [
      { sku: 'L-1', title: 'Small', price: usd(4999), available: 3 },
      { sku: 'L-2', title: 'Large', price: usd(5999), available: 0 },
    ],
    attributes: [{ name: 'Colour', value: 'Red' }],
    images: [],
  })
  expect(await events()).toEqual([
    expect.objectContaining({
      data: expect.objectContaining({ change: 'created', categoryIds: ['5', '6'] }),
    }),
  ])
})

test('a SKU is taken once, also within one input and by two at the same time', async () => {
  const variant = (sku: string) => ({ sku, title: 'x' })
  const takenAt = (index: string) => ({
    product: null,
    userErrors: [expect.objectContaining({ code: 'TAKEN', field: ['input', 'variants', index, 'sku'] })],
  })
  expect(await change(create, lamp({ variants: [variant('N-1'), variant('SKU-3-0')] }))).toEqual(takenAt('1'))
  expect(await change(create, lamp({ variants: [variant('N-1'), variant('N-1')] }))).toEqual(takenAt('1'))
  const both = await Promise.all(
    ['N-2', 'N-3', 'N-4'].map((other) =>
      change(create, lamp({ variants: [variant(other), variant('N-9')] })),
    ),
  )
  expect(both.filter(({ product }) => product)).toHaveLength(1)
  expect(both.filter(({ product }) => !product)).toEqual([takenAt('1'), takenAt('1')])
})

test('brands, categories, products and variants must exist', async () => {
  const cases: [string, object, string[]][] = [
    [create, lamp({ brandId: brandId(99) }), ['input', 'brandId']],
    [create, lamp({ categoryId: categoryId(99) }), ['input', 'categoryId']],
    [update, { id: productId(1), brandId: brandId(99) }, ['input', 'brandId']],
    [update, { id: productId(1), categoryId: categoryId(99) }, ['input', 'categoryId']],
    [update, { id: productId(99_999), title: 'x' }, ['input', 'id']],
    [setPrice, { productId: productId(99_999), price: usd(1) }, ['input', 'productId']],
    [adjust, { variantId: variantId(99_999), by: 1 }, ['input', 'variantId']],
  ]
  for (const [mutation, input, field] of cases) {
    const { userErrors } = await change(mutation, input)
    expect(userErrors).toEqual([expect.objectContaining({ code: 'NOT_FOUND', field })])
  }
})

test('all prices of a new product are in its currency', async () => {
  const variants = [{ sku: 'C-1', title: 'x', price: { amount: 1, currency: 'EUR' } }]
  const { userErrors } = await change(create, lamp({ variants }))
  expect(userErrors).toEqual([
    expect.objectContaining({
      code: 'CURRENCY_MISMATCH',
      field: ['input', 'variants', '0', 'price', 'currency'],
    }),
  ])
})

test('50 sales at once of 30 pieces: 30 succeed, none is left, no count is lost', async () => {
  await change(adjust, { variantId: variantId(61), by: 25 })
  const sales = await Promise.all(
    Array.from({ length: 50 }, () => change(adjust, { variantId: variantId(61), by: -1 })),
  )
  const refused = sales.filter(({ userErrors }) => userErrors[0]?.code === 'INSUFFICIENT_STOCK')
  expect(refused).toHaveLength(20)
  const query = 'query ($id: ID!) { product(id: $id) { version stock { available } variants { available } } }'
  expect(dataOf(await shop.ask(query, { id: productId(31) })).product).toEqual({
    version: 32,
    stock: { available: 5 },
    variants: [{ available: 0 }, { available: 5 }],
  })
  const versions = (await events()).map(({ data }) => data.version)
  expect(versions).toEqual(Array.from({ length: 31 }, (_, index) => index + 2))
})

test('no more than a million pieces of a variant', async () => {
  const { userErrors } = await change(adjust, { variantId: variantId(63), by: 1_000_000 })
  expect(userErrors).toEqual([expect.objectContaining({ code: 'LIMIT_REACHED', field: ['input', 'by'] })])
  expect(await change(adjust, { variantId: variantId(63), by: 999_995 })).toMatchObject({
    variant: { available: 1_000_000 },
    product: { stock: { available: 1_000_005 } },
  })
})

test('several changes in one request see each other', async () => {
  const query = `mutation ($id: ID!, $a: MoneyInput!, $b: MoneyInput!) {
    one: setPrice(input: { productId: $id, price: $a }) { product { version price { amount } variants { price { amount } } } }
    two: setPrice(input: { productId: $id, price: $b }) { product { version price { amount } variants { price { amount } } } }
  }`
  const data = dataOf(await shop.ask(query, { id: productId(33), a: usd(1), b: usd(2) }, seller))
  const at = (amount: number) => ({
    price: { amount },
    variants: [{ price: { amount } }, { price: { amount } }],
  })
  expect(data).toEqual({
    one: { product: { version: 2, ...at(1) } },
    two: { product: { version: 3, ...at(2) } },
  })
})

test.each<[string, object, string]>([
  [setPrice, { productId: 'x', price: usd(1) }, 'input.productId'],
  [setPrice, { productId: productId(1), price: usd(-1) }, 'input.price.amount'],
  [setPrice, { productId: productId(1), price: usd(2_000_000_001) }, 'input.price.amount'],
  [setPrice, { productId: productId(1), price: { amount: 1, currency: 'usd' } }, 'input.price.currency'],
  [setPrice, { productId: productId(1), price: { amount: 1.5, currency: 'USD' } }, 'input.price.amount'],
  [update, { id: productId(1), title: '' }, 'input.title'],
  [update, { id: productId(1), title: ' \t ' }, 'input.title'],
  [update, { id: productId(1), title: 'x'.repeat(201) }, 'input.title'],
  [update, { id: productId(1), title: null }, 'input.title'],
  [update, { id: productId(1), description: 'x'.repeat(10_001) }, 'input.description'],
  [update, { id: productId(1), description: 'a\0b' }, 'input.description'],
  [update, { id: productId(1), categoryId: null }, 'input.categoryId'],
  [update, { id: productId(1), attributes: Array(51).fill({ name: 'a', value: 'b' }) }, 'input.attributes'],
  [update, { id: productId(1), attributes: [{ name: 'a', value: '' }] }, 'input.attributes[0].value'],
  [adjust, { variantId: productId(1), by: 1 }, 'input.variantId'],
  [adjust, { variantId: variantId(1), by: 1_000_001 }, 'input.by'],
  [create, lamp({ variants: [] }), 'input.variants'],
  [create, lamp({ variants: Array(101).fill({ sku: 'a', title: 'b' }) }), 'input.variants'],
  [create, lamp({ variants: [{ sku: 'a b', title: 'b' }] }), 'input.variants[0].sku'],
  [create, lamp({ variants: [{ sku: 'a', title: 'b', available: -1 }] }), 'input.variants[0].available'],
  [create, lamp({ brandId: categoryId(1) }), 'input.brandId'],
])('refuses bad input, naming the field: %s %j', async (mutation, input, argument) => {
  expect(errorOf(await shop.ask(mutation, { input }, seller))).toEqual({ code: 'BAD_USER_INPUT', argument })
  expect(await events()).toEqual([])
})
