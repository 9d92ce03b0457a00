import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { compareReads, compareWrites, drawPairs } from './equal-answers.ts'
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

/** A side that always answers the same. */
async function answering(data: unknown) {
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ data }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}
const page = (price: number, change = {}) => ({
  products: {
    nodes: [{ price, updatedAt: 'now' }],
    pageInfo: { endCursor: 'a', hasNextPage: true },
    ...change,
  },
})
const compare = async (twin: unknown, other: unknown) => {
  await using a = await answering(twin)
  await using b = await answering(other)
  const { writes } = drawPairs(shop, cursors)
  await compareWrites({ twin: a.url, other: b.url }, writes.slice(0, 1), () => writes[0]!)
}

test('sides that answer alike are taken for equal, but for cursors and the moment of a write', async () => {
  await compare(page(1), {
    products: { nodes: [{ price: 1, updatedAt: 'then' }], pageInfo: { endCursor: 'b', hasNextPage: true } },
  })
})

test.each([
  ['a value', page(2)],
  ['no cursor', page(1, { pageInfo: { endCursor: null, hasNextPage: true } })],
  [
    'a row more',
    page(1, {
      nodes: [
        { price: 1, updatedAt: 'now' },
        { price: 1, updatedAt: 'now' },
      ],
    }),
  ],
  ['null', { products: null }],
])('sides that answer differently end the bench, and it shows both answers: %s', async (_what, other) => {
  await expect(compare(page(1), other)).rejects.toThrow(/The sides answer \w+ .* differently:\n.*"price":1/)
})

test('of reads the moment counts, too, and what only the second answer has', async () => {
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.end(JSON.stringify({ data: page(asked % 2 === 0 ? 2 : 1) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await using twin = await answering(page(1))
  const other = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { reads } = drawPairs(shop, cursors)
  const options = { otherIsFreshet: false, twinAnswers: new Map(), deadlineMs: 0 }
  await expect(compareReads({ twin: twin.url, other }, reads.slice(0, 1), options)).rejects.toThrow(
    'differently',
  )
  server.close()
})
