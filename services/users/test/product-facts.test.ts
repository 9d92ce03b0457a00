import { readData } from '@freshet/events'
import { openFailingCache } from '@freshet/subgraph/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { catalogProductChanged } from '../src/product-facts/product-facts.events.ts'
import {
  deliver,
  type Harness,
  insertAccounts,
  insertFacts,
  openUsers,
  productChanged,
  productId,
  storedEvents,
  viewer,
} from './harness.ts'

let h: Harness
beforeAll(async () => {
  h = await openUsers()
  await insertAccounts(h, 1300)
})
afterAll(() => h.close())
beforeEach(async () => {
  await sql`truncate wishlist_items, notifications, product_facts, inbox, outbox`.execute(h.db)
  await sql`update accounts set price_drop_notifications = true`.execute(h.db)
  await h.cache.clear()
  await insertFacts(h, 10)
})

const wish = (users: number, product: number) =>
  sql`insert into wishlist_items (user_id, product_id, price_minor, currency)
    select id, ${product}, 1000, 'USD' from generate_series(1, ${users}::integer) as id`.execute(h.db)
const facts = async (product: number) =>
  await h.db
    .selectFrom('product_facts')
    .selectAll()
    .where('product_id', '=', String(product))
    .executeTakeFirst()
const told = async () =>
  await h.db
    .selectFrom('notifications')
    .select(['user_id', 'kind', 'message', 'product_id'])
    .orderBy('user_id')
    .execute()
const unread = async (user: string) =>
  (
    await h.run({
      query: '{ me { notifications { unreadCount nodes { message product { id } } } } }',
      viewer: viewer(user),
    })
  ).data.me.notifications

test('a newer version replaces what is known, an older or equal one does not', async () => {
  await deliver(h, productChanged({ productId: '3', version: 5, amount: 1500, title: 'Five' }))
  await deliver(h, productChanged({ productId: '3', version: 4, amount: 1400, title: 'Four' }))
  await deliver(h, productChanged({ productId: '3', version: 5, amount: 1300, title: 'Five again' }))
  expect(await facts(3)).toMatchObject({ version: '5', price_minor: 1500, title: 'Five' })
})

test.each([
  ['data.version', { version: 2_147_483_647 }, { version: 2_147_483_648 }],
  ['data.changedAt', { changedAt: '2026-01-31T12:00:00.000Z' }, { changedAt: 'yesterday' }],
])('what nobody can store is not read: %s', (path, good, bad) => {
  const { data, ...event } = productChanged({ productId: '3', version: 5, amount: 1500 })
  const read = (change: object) =>
    readData(catalogProductChanged, { ...event, data: { ...(data as object), ...change } })
  expect(read(good).data).toMatchObject(good)
  expect(() => read(bad)).toThrow(path)
})

test('a fallen price tells everybody who wishes for it and wants to be told, in the next query', async () => {
  await wish(3, 4)
  await h.db.updateTable('accounts').set({ price_drop_notifications: false }).where('id', '=', '2').execute()
  expect((await unread('1')).unreadCount).toBe(0)
  await deliver(h, productChanged({ productId: '4', version: 2, amount: 899, title: 'Lamp' }))
  expect((await told()).map((row) => row.user_id)).toEqual(['1', '3'])
  expect(await unread('1')).toEqual({
    unreadCount: 1,
    nodes: [{ message: 'Lamp now costs $8.99 instead of $10.00.', product: { id: productId(4) } }],
  })
  expect(await storedEvents(h)).toEqual([
    { type: 'freshet.users.notifications-changed.v1', data: { userIds: ['1', '3'], change: 'created' } },
  ])
})

test.each([
  ['risen', { amount: 1001 }],
  ['unchanged', { amount: 1000 }],
  ['in another currency', { amount: 1, currency: 'CHF' }],
])('a price that is %s tells nobody', async (_what, change) => {
  await wish(3, 4)
  await deliver(h, productChanged({ productId: '4', version: 2, ...change }))
  expect(await told()).toEqual([])
})

test('the first that is heard of a product tells nobody', async () => {
  await wish(3, 77)
  await deliver(h, productChanged({ productId: '77', version: 1, amount: 1 }))
  expect(await told()).toEqual([])
})

test('an event that is delivered again, also at the same time, tells nobody twice', async () => {
  await wish(3, 4)
  const event = productChanged({ productId: '4', version: 2, amount: 899 })
  await Promise.all([deliver(h, event), deliver(h, event), deliver(h, event)])
  await deliver(h, event)
  expect(await told()).toHaveLength(3)
})

test('a redelivered event invalidates again: the first delivery may have died before it did', async () => {
  await wish(1, 4)
  const drop = async () =>
    (await h.run({ query: '{ me { wishlist { nodes { priceDropPercent } } } }', viewer: viewer('1') })).data
      .me.wishlist.nodes
  const event = productChanged({ productId: '4', version: 2, amount: 500 })
  await deliver(h, event)
  await drop()
  // As if the commit had been the last thing that the first delivery did: the cache holds what was before.
  await sql`update product_facts set price_minor = 250 where product_id = 4`.execute(h.db)
  expect(await drop()).toEqual([{ priceDropPercent: 50 }])
  await deliver(h, event)
  expect(await drop()).toEqual([{ priceDropPercent: 75 }])
})

test('over a thousand users are told by one statement, and named 500 to an event', async () => {
  await wish(1300, 4)
  await deliver(h, productChanged({ productId: '4', version: 2, amount: 899 }))
  expect(await told()).toHaveLength(1300)
  const sizes = (await storedEvents(h)).map(({ data }) => (data as { userIds: string[] }).userIds.length)
  expect(sizes).toEqual([500, 500, 300])
})

test('a wish and a price drop at the same time: the user is told, or the new price is the price when added', async () => {
  const ADD = `mutation ($product: ID!) { addToWishlist(input: { productId: $product }) { item { priceWhenAdded { amount } } } }`
  for (let round = 0; round < 20; round++) {
    const version = round + 2
    const amount = 1000 - version
    const user = String(round + 1)
    const [{ data }] = await Promise.all([
      h.run({ query: ADD, variables: { product: productId(6) }, viewer: viewer(user) }),
      deliver(h, productChanged({ productId: '6', version, amount })),
    ])
    const wasTold = (await told()).some((row) => row.user_id === user)
    expect([wasTold, data.addToWishlist.item.priceWhenAdded.amount === amount]).toContain(true)
    await sql`truncate notifications, wishlist_items`.execute(h.db)
  }
})

const MARK =
  'mutation ($ids: [ID!]) { markNotificationsRead(input: { ids: $ids }) { markedCount userErrors { code } } }'

test('marks notifications as read: some, all, and never those of others', async () => {
  await sql`insert into notifications (id, user_id, kind, message) overriding system value
    values (1, 1, 'WELCOME', 'a'), (2, 1, 'WELCOME', 'b'), (3, 2, 'WELCOME', 'c')`.execute(h.db)
  const id = (raw: number) => Buffer.from(`Notification:${raw}`).toString('base64url')
  const mark = async (ids: string[] | null | undefined) =>
    (await h.run({ query: MARK, variables: ids === undefined ? {} : { ids }, viewer: viewer('1') })).data
      .markNotificationsRead.markedCount
  expect((await unread('1')).unreadCount).toBe(2)
  expect(await mark([])).toBe(0)
  expect(await mark([id(1), id(1), id(3), id(999)])).toBe(1)
  expect((await unread('1')).unreadCount).toBe(1)
  expect(await mark(undefined)).toBe(1)
  expect(await mark(null)).toBe(0)
  expect((await unread('1')).unreadCount).toBe(0)
  expect((await unread('2')).unreadCount).toBe(1)
})

test('notifications that are marked again after their writer died are read in the next query', async () => {
  await sql`insert into notifications (user_id, kind, message) values (1, 'WELCOME', 'a')`.execute(h.db)
  const mark = { query: MARK, viewer: viewer('1') }
  expect((await unread('1')).unreadCount).toBe(1)
  // Commits, and its invalidations reach nobody.
  const dead = await h.openWith(openFailingCache(h).cache)
  await dead.subgraph.executeOperation(mark)
  await dead.close()
  expect((await unread('1')).unreadCount).toBe(1)
  await h.run(mark)
  expect((await unread('1')).unreadCount).toBe(0)
})
