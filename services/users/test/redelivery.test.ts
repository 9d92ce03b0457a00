import { openFailingCache, openOwnBus } from '@freshet/subgraph/testing'
import { eventually } from '@freshet/testing'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { productFactsTag } from '../src/product-facts/product-facts.cache.ts'
import {
  type Harness,
  insertAccounts,
  insertFacts,
  openUsers,
  productChanged,
  productId,
  viewer,
} from './harness.ts'

const topics = [
  'catalog.product',
  'users.account',
  'users.wishlist',
  'users.notification',
  'users.dead-letters',
]
let own: Awaited<ReturnType<typeof openOwnBus>>
let h: Harness

// Each test stops the only consumer in the middle of its work, and starts another: groups of its own.
beforeEach(async () => {
  own = await openOwnBus('users', topics, { partitions: 1 })
  h = await openUsers(own)
  await insertAccounts(h, 1)
  await insertFacts(h, 9)
})
afterEach(async () => {
  await h?.close()
  await own?.close()
})

const ADD = 'mutation ($product: ID!) { addToWishlist(input: { productId: $product }) { item { id } } }'
const add = (id: number) => ({ query: ADD, variables: { product: productId(id) }, viewer: viewer('1') })

/** How many wish for each of the products 1 to 3. */
async function wishedBy(): Promise<number[]> {
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { wishlistedByCount } } }'
  const r = [1, 2, 3].map((id) => ({ __typename: 'Product', id: productId(id) }))
  const { data } = await h.run({ query, variables: { r } })
  return data._entities.map((one: { wishlistedByCount: number }) => one.wishlistedByCount)
}

async function priceDrop(): Promise<number | null> {
  const query = '{ me { wishlist { nodes { priceDropPercent } } } }'
  return (await h.run({ query, viewer: viewer('1') })).data.me.wishlist.nodes[0].priceDropPercent
}

test("an invalidation that fails for its own event is made by the process that gets the event's batch next", async () => {
  expect(await wishedBy()).toEqual([0, 0, 0])
  const { cache, failed } = openFailingCache(h)
  const failing = await h.openWith(cache)
  for (const id of [1, 2, 3]) await failing.subgraph.executeOperation(add(id))
  const writes = failed.length
  await failing.start()
  // Tried, and tried again: an event is not done with a failure.
  await eventually(() => expect(failed.length).toBeGreaterThan(writes + 1))
  await failing.close()
  expect(await wishedBy()).toEqual([0, 0, 0])
  await h.users.start()
  await eventually(async () => expect(await wishedBy()).toEqual([1, 1, 1]))
})

test("catalog's change is stored before the cache is told, and told again by another process where that failed", async () => {
  await h.run(add(3))
  expect(await priceDrop()).toBeNull()
  const storedAtThatTime: unknown[] = []
  const { cache } = openFailingCache(h, async (tags) => {
    if (!tags.includes(productFactsTag('3'))) return
    const facts = h.db.selectFrom('product_facts').select('version').where('product_id', '=', '3')
    storedAtThatTime.push((await facts.executeTakeFirstOrThrow()).version)
  })
  const failing = await h.openWith(cache)
  await failing.start()
  const event = productChanged({ productId: '3', version: 2, amount: 750 })
  await own.bus.publish([{ topic: 'catalog.product', key: '3', value: JSON.stringify(event) }])
  await eventually(() => expect(storedAtThatTime.length).toBeGreaterThan(1))
  await failing.close()
  expect(storedAtThatTime.every((version) => version === '2')).toBe(true)
  expect(await priceDrop()).toBeNull()
  await h.users.start()
  await eventually(async () => expect(await priceDrop()).toBe(25))
})
