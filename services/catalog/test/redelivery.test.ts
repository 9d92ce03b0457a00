import { openFailingCache, openOwnBus } from '@freshet/subgraph/testing'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { productChanged } from '../src/product/product.events.ts'
import { dataOf, openShop, productId, type Shop, seller } from './shop.ts'

let own: Awaited<ReturnType<typeof openOwnBus>>
let shop: Shop
beforeAll(async () => {
  own = await openOwnBus('catalog', [productChanged.topic, 'catalog.dead-letters'], { partitions: 1 })
  shop = await openShop(own)
})
afterAll(async () => {
  await shop?.close()
  await own?.close()
})

const ids = ['31', '32', '33']
/** A group that lost its only consumer waits for a while before it lets another one go on. */
const REBALANCED = { timeoutMs: 120_000 }

test("an invalidation that fails is made by the process that gets the events' batch next", async () => {
  const amounts = async () => {
    const query =
      'query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Product { price { amount } } } }'
    const of = ids.map((id) => ({ __typename: 'Product', id: productId(id) }))
    const { _entities } = dataOf(await shop.ask(query, { ids: of }))
    return _entities.map(({ price }: { price: { amount: number } }) => price.amount)
  }
  expect(await amounts()).toEqual([1100, 1200, 1300])
  const { cache, failed } = openFailingCache(shop)
  const failing = await shop.openWith(cache)
  for (const id of ids) {
    const query = `mutation ($id: ID!) {
      setPrice(input: { productId: $id, price: { amount: 5, currency: "USD" } }) { product { version } } }`
    dataOf(
      await failing.subgraph.executeOperation({ query, variables: { id: productId(id) }, viewer: seller }),
    )
  }
  const writes = failed.length
  await failing.start()
  // Tried, and tried again: an event is not done with a failure.
  await eventually(() => expect(failed.length).toBeGreaterThan(writes + 1), REBALANCED)
  await failing.close()
  expect(await amounts()).toEqual([1100, 1200, 1300])
  await shop.catalog.start()
  await eventually(async () => expect(await amounts()).toEqual([5, 5, 5]), REBALANCED)
})
