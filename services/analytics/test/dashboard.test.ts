import type { CloudEvent } from '@freshet/events'
import { encodeId } from '@freshet/subgraph'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { followProducts } from '../src/product-facts/product-facts.consumer.ts'
import type { ProductFacts } from '../src/product-facts/product-facts.events.ts'
import { createProductFactsRepository } from '../src/product-facts/product-facts.repository.ts'
import { admin, customer, insertFacts, openAnalytics, seller } from './harness.ts'

let analytics: Awaited<ReturnType<typeof openAnalytics>>
let deliver: (facts: ProductFacts) => Promise<void>

beforeAll(async () => {
  analytics = await openAnalytics()
  const { database, cache } = analytics
  // Before the products: who sells them is told of last here, and activity first.
  await sql`
    insert into product_stats_daily (product_id, day, views, purchases) values
      (1, (now() at time zone 'UTC')::date, 10, 1), (2, (now() at time zone 'UTC')::date - 1, 20, 3),
      (3, (now() at time zone 'UTC')::date - 40, 99, 99)
  `.execute(database.db)
  await sql`
    insert into product_revenue_daily (product_id, day, currency, revenue_minor) values
      (1, (now() at time zone 'UTC')::date, 'USD', 3000000000), (2, (now() at time zone 'UTC')::date - 1, 'EUR', 500)
  `.execute(database.db)
  await insertFacts(database, 3)
  const handler = followProducts({ db: database.db, facts: createProductFactsRepository(database.db), cache })
  if (handler.kind !== 'one') throw new Error('facts are followed one by one')
  deliver = (data) =>
    handler.handle({ data } as CloudEvent, {
      consumer: 'test',
      attempt: 1,
      signal: new AbortController().signal,
    })
})

afterAll(() => analytics?.close())

const query = `query ($seller: ID!, $days: Int) { dashboard(sellerId: $seller, days: $days) {
  views purchases revenue { amount currency } days { date views } topProducts(first: 2) { title purchases product { id } } } }`

const ask = (viewer: typeof seller | null, variables: Record<string, unknown> = {}) =>
  analytics.subgraph.executeOperation({
    query,
    variables: { seller: encodeId('User', '9'), days: 7, ...variables },
    viewer,
  })

test("sums up a seller's days, with days without activity, and revenue beyond 32 bits", async () => {
  const { data, errors } = await ask(seller)
  expect(errors).toBeUndefined()
  expect(data.dashboard).toMatchObject({
    views: 30,
    purchases: 4,
    revenue: [
      { amount: 3_000_000_000, currency: 'USD' },
      { amount: 500, currency: 'EUR' },
    ],
    topProducts: [
      { title: 'Product 2', purchases: 3, product: { id: encodeId('Product', '2') } },
      { title: 'Product 1', purchases: 1 },
    ],
  })
  expect(data.dashboard.days.map((day: { views: number }) => day.views)).toEqual([0, 0, 0, 0, 0, 20, 10])
})

test('is shown to its seller and to admins, and to nobody else', async () => {
  expect((await ask(admin)).data.dashboard).not.toBeNull()
  expect((await ask(customer)).data.dashboard).toBeNull()
  expect((await ask(null)).data.dashboard).toBeNull()
})

const facts = (change: Partial<ProductFacts>): ProductFacts => ({
  productId: '1',
  version: 2,
  title: 'New title',
  sellerId: '9',
  categoryIds: ['1', '2'],
  price: { amount: 900, currency: 'USD' },
  ...change,
})

test("follows catalog's events at once, although the dashboard was cached; an old event changes nothing", async () => {
  const titles = async () =>
    (await ask(seller)).data.dashboard.topProducts.map((product: { title: string }) => product.title)
  expect(await titles()).toContain('Product 1')
  await deliver(facts({}))
  expect(await titles()).toContain('New title')
  await deliver(facts({ version: 1, title: 'Old title' }))
  expect(await titles()).toContain('New title')
})

test('a product that goes to another seller leaves the one dashboard and comes to the other, although both were cached', async () => {
  const titles = async (sellerId: string) => {
    const { data } = await ask(admin, { seller: encodeId('User', sellerId) })
    return data.dashboard.topProducts.map((product: { title: string }) => product.title)
  }
  expect(await titles('9')).toContain('Product 2')
  expect(await titles('10')).toEqual([])
  await deliver(facts({ productId: '2', title: 'Product 2', sellerId: '10' }))
  expect(await titles('9')).not.toContain('Product 2')
  expect(await titles('10')).toEqual(['Product 2'])
})

test.each([
  ['sellerId', { seller: 'nonsense' }],
  ['sellerId', { seller: encodeId('Product', '9') }],
  ['days', { days: 0 }],
  ['days', { days: 367 }],
  ['days', { days: -1 }],
])('refuses a wrong %s with an error that names it', async (argument, variables) => {
  const { errors } = await ask(seller, variables)
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument })
})

test('answers an unknown seller with zeros', async () => {
  const { data } = await ask(admin, { seller: encodeId('User', '123456') })
  expect(data.dashboard).toMatchObject({ views: 0, purchases: 0, revenue: [], topProducts: [] })
})

test('reads ten dashboards and three trending lists with as many statements as one of each', async () => {
  const count = async (query: string) => {
    let statements = 0
    const stop = analytics.database.onStatement(() => statements++)
    const { errors } = await analytics.subgraph.executeOperation({ query, viewer: admin })
    stop()
    expect(errors).toBeUndefined()
    return statements
  }
  const dashboards = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, i) => `d${i}: dashboard(sellerId: "${encodeId('User', String(from + i))}") { views }`,
    ).join(' ')
  expect(await count(`{ ${dashboards(500, 501)} trending(window: DAY) { rank } }`)).toBe(3)
  expect(
    await count(
      `{ ${dashboards(600, 610)} w: trending(window: WEEK) { rank } m: trending(window: MONTH) { rank } }`,
    ),
  ).toBe(3)
})
