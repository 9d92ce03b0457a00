import { eventually } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { ask, productId } from '../supergraph.ts'

test('one query gathers a product page from catalog, users and analytics', async () => {
  const { status, data, errors } = await ask('ProductPage', { id: productId(1) })
  expect(errors).toBeUndefined()
  expect(status).toBe(200)
  expect(data.product).toMatchObject({
    id: productId(1),
    title: expect.any(String),
    price: { amount: expect.any(Number), currency: expect.stringMatching(/^[A-Z]{3}$/) },
    seller: { handle: expect.any(String), displayName: expect.any(String) },
    stats: { views: expect.any(Number) },
    wishlistedByCount: expect.any(Number),
    version: 1,
  })
  expect(data.product.categories.length).toBeGreaterThan(0)
  expect(data.product.variants.length).toBeGreaterThan(0)
  expect(data.product.related.map((other: { id: string }) => other.id)).not.toContain(productId(1))
})

test('the same page from the caches is the same page', async () => {
  // What another scenario writes meanwhile may end the answer in between.
  await eventually(async () => {
    const first = await ask('ProductPage', { id: productId(2) })
    const second = await ask('ProductPage', { id: productId(2) })
    expect(second.headers.get('cache-status')).toMatch(/^freshet-answers; hit; ttl=\d+$/)
    expect(second.data).toEqual(first.data)
  })
})

test('an unknown product is null, without an error', async () => {
  const { data, errors } = await ask('ProductPage', { id: productId(999_999_999) })
  expect(errors).toBeUndefined()
  expect(data).toEqual({ product: null })
})
