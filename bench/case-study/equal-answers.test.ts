import { expect, test } from '@jest/globals'
import { drawPairs } from './equal-answers.ts'
import { ENDPOINTS } from './workload/endpoints.ts'
import type { Shop } from './workload/shop.ts'

const account = { id: '1', token: 'token' }
const products = ['1', '2', '3'].map((id) => ({ id, priceMinor: 10_000, currency: 'EUR' }))
const shop: Shop = {
  products,
  categories: ['shoes'],
  searches: ['Kestrel'],
  sellers: [account],
  members: [account],
  admin: account,
}
const cursors = { twin: {}, freshet: {} }

test('requests to every endpoint are compared', () => {
  const { reads, writes } = drawPairs(shop, cursors)
  expect(new Set([...reads, ...writes].map(({ twin }) => twin.endpoint))).toEqual(new Set(ENDPOINTS))
})
