import { expect, test } from '@jest/globals'
import { drawPairs } from './equal-answers.ts'
import { ENDPOINTS } from './workload/endpoints.ts'
import type { Shop } from './workload/shop.ts'

const account = { id: '1', token: 'token' }
const products = ['1', '2', '3'].map((id) => ({ id, priceMinor: 10_000, currency: 'EUR' }))
const shop: Shop = {
  products,
  categories: [{ id: '7', slug: 'shoes' }],
  brands: ['5'],
  searches: ['Kestrel'],
  sellers: [account],
  members: [account],
  admin: account,
}
const cursors = { twin: {}, freshet: {} }

test('requests to every endpoint are compared', () => {
  const { reads, writes } = drawPairs(shop, cursors)
  const endpoints = [...reads.map(({ twin }) => twin.endpoint), ...writes.map(({ endpoint }) => endpoint)]
  expect(new Set(endpoints)).toEqual(new Set(ENDPOINTS))
})

test('no two writes to an endpoint are of one product: sent again, each finds what it has made', () => {
  const { writes } = drawPairs(shop, cursors)
  const prices = writes.filter(({ endpoint }) => endpoint === 'setPrice')
  const ids = prices.map(({ variables }) => (variables as { input: { productId: string } }).input.productId)
  expect(new Set(ids).size).toBe(products.length)
  expect(ids).toHaveLength(products.length)
})

test('lists are compared with every filter that a page offers, and searches in a category, too', () => {
  const { reads } = drawPairs(shop, cursors)
  const filtersOf = (name: string) =>
    new Set(
      reads
        .filter(({ twin }) => twin.endpoint === name)
        .flatMap(({ twin }) => Object.keys(twin.variables.filter ?? {})),
    )
  const filters = filtersOf('listing')
  // One end of a range, or both.
  const priceFilters = [...filters].filter((name) => name.endsWith('Price'))
  expect(priceFilters).not.toHaveLength(0)
  expect(filters).toEqual(new Set([...priceFilters, 'brandIds', 'inStock', 'sellerId', 'categoryId']))
  expect(filtersOf('search')).toEqual(new Set(['search', 'categoryId']))
})
