import { CacheUnavailableError, createCache } from '@freshet/cache'
import { createWrite } from '@freshet/subgraph'
import { openOwnBus } from '@freshet/subgraph/testing'
import { createLogger } from '@freshet/telemetry'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { createProductCommands } from '../src/product/product.commands.ts'
import { productChanged } from '../src/product/product.events.ts'
import { invalidations, tagsOf } from '../src/product/product.invalidation.ts'
import { dataOf, openShop, productId, type Shop, seller } from './shop.ts'

const logger = createLogger('catalog-test', { level: 'silent' })
const query =
  'query ($id: ID!) { product(id: $id) { price { amount } version } products(sort: PRICE_ASC, first: 1) { nodes { id } } }'
const setPrice = `mutation ($id: ID!, $amount: Int!) {
  setPrice(input: { productId: $id, price: { amount: $amount, currency: "USD" } }) { product { version } }
}`

let shop: Shop
let own: Awaited<ReturnType<typeof openOwnBus>>
beforeAll(async () => {
  // process.test.ts starts a process that joins the real group on the real topic of the same Kafka.
  own = await openOwnBus('catalog', [productChanged.topic, 'catalog.dead-letters'])
  shop = await openShop(own)
})
afterAll(async () => {
  await shop?.close()
  await own?.close()
})

test('a write that is tried again after its writer died is fresh in the next read, before any event comes', async () => {
  const id = productId(31)
  dataOf(await shop.ask(query, { id }))
  const deaf = createCache({ redis: shop.redis, domain: 'catalog-deaf-again', logger, enabled: false })
  const dead = await shop.openWith(deaf)
  const again = { query: setPrice, variables: { id, amount: 6 }, viewer: seller }
  dataOf(await dead.subgraph.executeOperation(again))
  expect(dataOf(await shop.ask(query, { id })).product.version).toBe(1)
  expect(dataOf(await shop.ask(setPrice, { id, amount: 6 }, seller)).setPrice.product.version).toBe(2)
  expect(dataOf(await shop.ask(query, { id })).product).toEqual({ price: { amount: 6 }, version: 2 })
})

test('what a dead writer has not invalidated, its event does', async () => {
  const id = productId(30)
  dataOf(await shop.ask(query, { id }))
  // The same database, with a cache of another domain: it commits, and its invalidation reaches nobody.
  const deaf = createCache({ redis: shop.redis, domain: 'catalog-deaf', logger, enabled: false })
  const writer = await shop.openWith(deaf)
  const written = await writer.subgraph.executeOperation({
    query: setPrice,
    variables: { id, amount: 5 },
    viewer: seller,
  })
  expect(dataOf(written).setPrice.product.version).toBe(2)
  expect(dataOf(await shop.ask(query, { id })).product.version).toBe(1)

  await shop.catalog.start()
  try {
    await eventually(
      async () => {
        const { product, products } = dataOf(await shop.ask(query, { id }))
        expect(product).toEqual({ price: { amount: 5 }, version: 2 })
        expect(products.nodes).toEqual([{ id }])
      },
      { timeoutMs: 60_000 },
    )
    const waiting = () => shop.database.db.selectFrom('outbox').select('seq').execute()
    await eventually(async () => expect(await waiting()).toEqual([]))
    // What can't be read may have been about any product.
    await shop.database.db.updateTable('products').set({ price_minor: 7 }).where('id', '=', '30').execute()
    expect(dataOf(await shop.ask(query, { id })).product.price.amount).toBe(5)
    await own.bus.publish([{ topic: productChanged.topic, key: '30', value: 'not json' }])
    await eventually(async () => expect(dataOf(await shop.ask(query, { id })).product.price.amount).toBe(7), {
      timeoutMs: 60_000,
    })
  } finally {
    await writer.close()
    await deaf.close()
  }
})

test('without Redis the service answers, and changes', async () => {
  const gone = new Redis(parts().redisUrl)
  gone.disconnect()
  const cache = createCache({
    redis: gone,
    domain: 'catalog',
    logger,
    timeoutMs: 20,
    invalidateTimeoutMs: 20,
  })
  const catalog = await shop.openWith(cache)
  try {
    const id = productId(40)
    const read = async () =>
      dataOf(await catalog.subgraph.executeOperation({ query, variables: { id } })).product
    expect(await read()).toEqual({ price: { amount: 1000 }, version: 1 })
    const changed = await catalog.subgraph.executeOperation({
      query: setPrice,
      variables: { id, amount: 9 },
      viewer: seller,
    })
    expect(dataOf(changed).setPrice.product.version).toBe(2)
    expect(await read()).toEqual({ price: { amount: 9 }, version: 2 })
  } finally {
    await catalog.close()
    await cache.close()
  }
})

test('wakes the relay after its own cache is invalidated, even in vain', async () => {
  const steps: string[] = []
  let failure: Error | undefined
  const { db } = shop.database
  const write = createWrite({
    service: 'catalog',
    db,
    logger,
    invalidations,
    cache: {
      async invalidate() {
        steps.push('invalidate')
        if (failure) throw failure
        return { sequence: '1' }
      },
    },
    relay: { wake: () => steps.push('wake') },
  })
  const commands = createProductCommands({ db, write })
  const change = (amount: number) =>
    commands.setPrice(seller, { productId: '41', price: { amount, currency: 'USD' } })
  await change(9)
  expect(steps.splice(0)).toEqual(['invalidate', 'wake'])
  // It is committed: whatever the reason, nobody is told that it failed.
  for (const [error, version] of [
    [new CacheUnavailableError(['product:41'], { cause: new Error('no Redis') }), 3],
    [new TypeError('not foreseen'), 4],
  ] as const) {
    failure = error
    expect((await change(10 + version)).product?.version).toBe(version)
    expect(steps.splice(0)).toEqual(['invalidate', 'wake'])
  }
})

test('a change of stock that leaves some is the business of the product alone', () => {
  const changed = {
    productId: '5',
    version: 2,
    title: 'x',
    sellerId: '7',
    categoryIds: ['1', '3'],
    available: 3,
    price: { amount: 1, currency: 'USD' },
    changedAt: '2026-01-01T00:00:00.000Z',
  }
  expect(tagsOf({ ...changed, change: 'restocked' })).toEqual(['product:5'])
  expect(tagsOf({ ...changed, change: 'restocked', stockFlipped: true })).toEqual([
    'product:5',
    'product-list:stock',
    'product-list:category:1:stock',
    'product-list:category:3:stock',
  ])
  expect(tagsOf({ ...changed, change: 'priced' })).toContain('product-list:category:3:price')
  expect(tagsOf({ ...changed, change: 'updated', previousCategoryIds: ['1', '4'] })).toEqual([
    'product:5',
    'product-list',
    'product-list:category:1',
    'product-list:category:3',
    'product-list:category:4',
  ])
})
