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

/** A side that answers the n-th request with `data(n)`. */
async function answering(data: (request: number) => unknown) {
  let requests = 0
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ data: data(requests++) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** Gives the two sides to `work`. */
async function between(
  [twinData, otherData]: [(request: number) => unknown, (request: number) => unknown],
  work: (urls: { twin: string; other: string }) => Promise<void>,
) {
  const [twin, other] = [await answering(twinData), await answering(otherData)]
  try {
    await work({ twin: twin.url, other: other.url })
  } finally {
    twin.close()
    other.close()
  }
}

const page = (price: number, change = {}) => ({
  products: {
    nodes: [{ price, updatedAt: 'now' }],
    pageInfo: { endCursor: 'a', hasNextPage: true },
    ...change,
  },
})
const write = drawPairs(shop, cursors).writes.slice(0, 1)
const compare = (twin: unknown, other: unknown) =>
  between([() => twin, () => other], (urls) => compareWrites(urls, write, () => write[0]!))

test('sides that answer alike are taken for equal, but for cursors and the moment of a write', async () => {
  await compare(page(1), {
    products: { nodes: [{ price: 1, updatedAt: 'then' }], pageInfo: { endCursor: 'b', hasNextPage: true } },
  })
})

test.each([
  ['a value', page(2)],
  ['no cursor', page(1, { pageInfo: { endCursor: null, hasNextPage: true } })],
  ['a row more', page(1, { nodes: [1, 2].map(() => ({ price: 1, updatedAt: 'now' })) })],
  ['null', { products: null }],
])('sides that answer differently end the bench, and it shows both answers: %s', async (_what, other) => {
  await expect(compare(page(1), other)).rejects.toThrow(/The sides answer \w+ .* differently:\n.*"price":1/)
})

test('a second answer that differs, as of a cache, is as wrong as a first', async () => {
  const pair = drawPairs(shop, cursors).reads.slice(0, 1)
  const options = { otherIsFreshet: false, twinAnswers: new Map(), deadlineMs: 0 }
  await between([() => page(1), (request) => page(1 + (request % 2))], async (urls) => {
    await expect(compareReads(urls, pair, options)).rejects.toThrow('differently')
  })
})
