import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { brandId, categoryId, dataOf, openShop, productId, type Shop, seller, variantId } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** What a client sets in a field, and what it then reads of the product. */
interface Sample {
  given: unknown
  /** Null: it chooses the product, or guards the change, and is not stored. */
  read: Record<string, unknown> | null
}

const money = { amount: 1234, currency: 'EUR' }
const variant = { sku: 'ROUND-TRIP', title: 'Large', price: { amount: 2345, currency: 'EUR' }, available: 4 }
const attributes = [{ name: 'Colour', value: 'Green' }]
const texts: Record<string, Sample> = {
  title: { given: 'A new title', read: { title: 'A new title' } },
  description: { given: 'A new description', read: { description: 'A new description' } },
  brandId: { given: brandId(2), read: { brand: { id: brandId(2) } } },
  categoryId: { given: categoryId(6), read: { category: { id: categoryId(6) } } },
  attributes: { given: attributes, read: { attributes } },
}

/** Every input object of the mutations. A new field of one fails the test below until it has a sample. */
const samples: Record<string, Record<string, Sample>> = {
  CreateProductInput: {
    ...texts,
    price: { given: money, read: { price: money } },
    variants: { given: [variant], read: { variants: [variant], stock: { available: 4 } } },
  },
  UpdateProductInput: {
    ...texts,
    id: { given: productId(1), read: { id: productId(1) } },
    ifVersion: { given: 1, read: null },
  },
  SetPriceInput: {
    productId: { given: productId(6), read: { id: productId(6) } },
    price: { given: money, read: { price: money } },
    ifVersion: { given: 1, read: null },
  },
  AdjustStockInput: {
    variantId: { given: variantId(3), read: { id: productId(2) } },
    by: { given: 3, read: { stock: { available: 13 } } },
  },
}
/** The input objects within those, with the samples that hold them. */
const parts: Record<string, object> = {
  VariantInput: variant,
  MoneyInput: money,
  AttributeInput: attributes[0]!,
}

const product = `id title description brand { id } category { id } attributes { name value }
  price { amount currency } variants { sku title price { amount currency } available } stock { available }`

test('every input object of a mutation is among the samples', async () => {
  const { mutationType } = dataOf(
    await shop.ask(`{ __schema { mutationType { fields { args { type { ofType { name } } } } } } }`),
  ).__schema
  const names = mutationType.fields.map(
    ({ args }: { args: { type: { ofType: { name: string } } }[] }) => args[0]!.type.ofType.name,
  )
  expect(names.sort()).toEqual(Object.keys(samples).sort())
})

test.each([...Object.entries(samples), ...Object.entries(parts)])(
  'every field of %s has a sample',
  async (type, sample) => {
    const query = 'query ($type: String!) { __type(name: $type) { inputFields { name } } }'
    const { inputFields } = dataOf(await shop.ask(query, { type })).__type
    const fields = inputFields.map(({ name }: { name: string }) => name)
    expect(Object.keys(sample).sort()).toEqual(fields.sort())
  },
)

test.each(Object.entries(samples))('what %s sets is what is read afterwards', async (type, fields) => {
  const name = `${type[0]!.toLowerCase()}${type.slice(1, -'Input'.length)}`
  const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { product { ${product} } userErrors { message } } }`
  const input = Object.fromEntries(Object.entries(fields).map(([field, { given }]) => [field, given]))
  const answer = dataOf(await shop.ask(mutation, { input }, seller))[name]
  expect(answer.userErrors).toEqual([])
  const query = `query ($id: ID!) { product(id: $id) { ${product} } }`
  const stored = dataOf(await shop.askUncached(query, { id: answer.product.id })).product
  expect(stored).toMatchObject(Object.assign({}, ...Object.values(fields).map(({ read }) => read)))
  expect(answer.product).toEqual(stored)
})
