import { brandId, categoryId, productId, variantId } from './shop.ts'

/* Every kind of change of the shop in shop-data.ts, as mutations for an admin. Each is made once, in this order. */

const errors = 'userErrors { code message }'
export const setPrice = (id: number, amount: number) =>
  `setPrice(input: { productId: "${productId(id)}", price: { amount: ${amount}, currency: "USD" } }) { ${errors} }`
const adjust = (id: number, by: number) =>
  `adjustStock(input: { variantId: "${variantId(id)}", by: ${by} }) { ${errors} }`
const update = (id: number, fields: string) =>
  `updateProduct(input: { id: "${productId(id)}", ${fields} }) { ${errors} }`
const create = (title: string, sku: string) => `createProduct(input: {
  title: "${title}", description: "An unheard thing", categoryId: "${categoryId(6)}", brandId: "${brandId(1)}",
  price: { amount: 1250, currency: "USD" }, variants: [{ sku: "${sku}", title: "One", available: 1 }]
}) { ${errors} }`

export const changes: readonly (readonly [what: string, mutation: string])[] = [
  ['a lower price: to the front of lists by price, into a price range', setPrice(3, 1201)],
  ['a price far above all others: out of the range, another facet', setPrice(2, 99_900)],
  ['pieces sold, some left', adjust(1, -2)],
  ['the last pieces sold', adjust(141, -5)],
  ['and those of the other variant: sold out', adjust(142, -5)],
  ['pieces of what was sold out', adjust(13, 1)],
  ['another title', update(61, 'title: "Aardvark"')],
  ['a title that makes a search find by its words', update(62, 'title: "Hedphones"')],
  ['another description', update(61, 'description: "of gold"')],
  ['no brand', update(3, 'brandId: null')],
  ['another brand', update(3, `brandId: "${brandId(1)}"`)],
  ['other attributes', update(1, 'attributes: [{ name: "Colour", value: "Violet" }]')],
  ['a move into another tree', update(7, `categoryId: "${categoryId(6)}"`)],
  ['a move to an ancestor', update(2, `categoryId: "${categoryId(1)}"`)],
  ['a new product, whose id was asked for before in vain', create('Unheard lamp', 'NEW-1')],
  ['another new product', create('Aaa', 'NEW-2')],
]

/** Filters of listings, each of which some of the changes concern. */
export const filters: readonly string[] = [
  'null',
  '{ minPrice: 1200, maxPrice: 1500 }',
  '{ inStock: true }',
  '{ inStock: false }',
  `{ brandIds: ["${brandId(1)}"] }`,
  `{ categoryId: "${categoryId(4)}" }`,
  '{ search: "steel" }',
  '{ search: "unheard" }',
  '{ search: "hedphones" }',
  '{ attributes: [{ name: "Colour", values: ["Violet", "Red"] }] }',
]
