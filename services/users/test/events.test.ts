import type { Cache } from '@freshet/cache'
import { openOwnBus } from '@freshet/subgraph/testing'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
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

beforeAll(async () => {
  own = await openOwnBus('users', topics)
  h = await openUsers(own)
  await insertAccounts(h, 5)
  await insertFacts(h, 10)
  await h.users.start()
})
afterAll(async () => {
  await h?.close()
  await own?.close()
})

const ADD = 'mutation ($product: ID!) { addToWishlist(input: { productId: $product }) { item { id } } }'
const notifications = async (user: string) =>
  (await h.run({ query: '{ me { notifications { unreadCount nodes { message } } } }', viewer: viewer(user) }))
    .data.me.notifications

const publish = (event: ReturnType<typeof productChanged>, times = 1) =>
  own.bus.publish(
    Array.from({ length: times }, () => ({
      topic: 'catalog.product',
      key: event.subject,
      value: JSON.stringify(event),
    })),
  )

test("catalog's price drop reaches those who wish for the product, once, however often it is sent", async () => {
  await h.run({ query: ADD, variables: { product: productId(3) }, viewer: viewer('1') })
  expect((await notifications('1')).unreadCount).toBe(0)
  await publish(productChanged({ productId: '3', version: 2, amount: 750, title: 'Kettle' }), 3)
  await publish(productChanged({ productId: '3', version: 3, amount: 700, title: 'Kettle' }))
  await eventually(async () => {
    expect((await notifications('1')).nodes.map(({ message }: { message: string }) => message)).toEqual([
      'Kettle now costs $7.00 instead of $7.50.',
      'Kettle now costs $7.50 instead of $10.00.',
    ])
    expect((await notifications('1')).unreadCount).toBe(2)
  })
})

test('poison does not hold up what follows', async () => {
  await own.bus.publish([{ topic: 'catalog.product', key: '4', value: 'not json' }])
  await publish({ ...productChanged({ productId: '4', version: 2, amount: 900 }), data: { productId: '4' } })
  await publish(productChanged({ productId: '4', version: 3, amount: 800, title: 'After poison' }))
  await eventually(async () => {
    const { title } = await h.db
      .selectFrom('product_facts')
      .select('title')
      .where('product_id', '=', '4')
      .executeTakeFirstOrThrow()
    expect(title).toBe('After poison')
  })
})

test('a write whose process died before it invalidated is made good by its event', async () => {
  const count = async () => {
    const { data } = await h.run({
      query:
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { wishlistedByCount } } }',
      variables: { r: [{ __typename: 'Product', id: productId(9) }] },
    })
    return data._entities[0].wishlistedByCount
  }
  expect(await count()).toBe(0)
  // Everything that the mutation does, up to and with its COMMIT.
  await withoutInvalidation(h.cache, () =>
    h.run({ query: ADD, variables: { product: productId(9) }, viewer: viewer('2') }),
  )
  await eventually(async () => expect(await count()).toBe(1))
})

test.each([
  ['users.account', sql`update accounts set display_name = 'Renamed' where id = 5`],
  [
    'users.wishlist',
    sql`insert into wishlist_items (user_id, product_id, price_minor, currency)
    values (5, 10, 1000, 'USD')`,
  ],
  [
    'users.notification',
    sql`insert into notifications (user_id, kind, message) values (5, 'PRICE_DROP', 'x')`,
  ],
])(
  'what cannot be read on %s may have been about any entry: all of its kind are read again',
  async (topic, change) => {
    const read = async () => {
      const { data } = await h.run({
        query: `query ($r: [_Any!]!) {
        me { displayName notifications { unreadCount } }
        _entities(representations: $r) { ... on Product { wishlistedByCount } } }`,
        variables: { r: [{ __typename: 'Product', id: productId(10) }] },
        viewer: viewer('5'),
      })
      return data
    }
    const before = await read()
    await change.execute(h.db)
    expect(await read()).toEqual(before)
    await own.bus.publish([{ topic, key: '5', value: 'not json' }])
    await eventually(async () => expect(await read()).not.toEqual(before))
  },
)

test('everything that was stored has been published', async () => {
  await eventually(async () => {
    const { rows } = await sql<{ waiting: string }>`select count(*) as waiting from outbox`.execute(h.db)
    expect(rows[0]!.waiting).toBe('0')
  })
})

/** The first invalidation is never made: later ones are the consumer's. */
async function withoutInvalidation<T>(cache: Cache, work: () => Promise<T>): Promise<T> {
  const real: Cache['invalidate'] = cache.invalidate.bind(cache)
  let skipped = false
  const lost: Cache['invalidate'] = async (tags) => {
    if (skipped) return real(tags)
    skipped = true
    return { sequence: '0' }
  }
  Object.assign(cache, { invalidate: lost })
  try {
    return await work()
  } finally {
    Object.assign(cache, { invalidate: real })
  }
}
