import { randomUUID } from 'node:crypto'
import { BusUnavailableError, type OutgoingMessage } from '@freshet/events'
import { publishOnlyBus } from '@freshet/events/testing'
import { encodeId } from '@freshet/subgraph'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { customer, openAnalytics } from './harness.ts'

const published: OutgoingMessage[] = []
let kafkaIsAway = false
// Whether Kafka really takes and delivers is shown end to end (e2e/track-then-stats); here its absence is.
const bus = publishOnlyBus(async (messages) => {
  if (kafkaIsAway) throw new BusUnavailableError('connection refused')
  published.push(...messages)
})

let analytics: Awaited<ReturnType<typeof openAnalytics>>
beforeAll(async () => {
  analytics = await openAnalytics({ bus })
})
afterAll(() => analytics?.close())

const product = encodeId('Product', '1')
const track = (events: unknown[], viewer: typeof customer | null = null) =>
  analytics.subgraph.executeOperation({
    query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted userErrors { code message } } }',
    variables: { input: { events } },
    viewer,
  })
const event = (change: Record<string, unknown> = {}) => ({
  id: randomUUID(),
  kind: 'VIEW',
  productId: product,
  ...change,
})

test("publishes each event under its product's key, with the viewer that the gateway signed", async () => {
  published.length = 0
  const { data } = await track([event(), event({ kind: 'PURCHASE', quantity: 3 })], customer)
  expect(data.track).toEqual({ accepted: 2, userErrors: [] })
  expect(published.map(({ topic, key }) => [topic, key])).toEqual([
    ['analytics.activity', '1'],
    ['analytics.activity', '1'],
  ])
  expect(JSON.parse(String(published[1]?.value)).data).toMatchObject({
    kind: 'PURCHASE',
    quantity: 3,
    userId: '7',
  })
})

test('takes a guest', async () => {
  published.length = 0
  expect((await track([event()])).data.track.accepted).toBe(1)
  expect(JSON.parse(String(published[0]?.value)).data.userId).toBeNull()
})

test('says that nothing is sure, and what to do, while Kafka is away', async () => {
  kafkaIsAway = true
  const { data, errors } = await track([event()])
  kafkaIsAway = false
  expect(errors).toBeUndefined()
  expect(data.track).toEqual({
    accepted: 0,
    userErrors: [{ code: 'UNAVAILABLE', message: expect.stringContaining('Send them again') }],
  })
})

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

test.each([
  ['input.events', []],
  ['input.events', Array.from({ length: 101 }, () => event())],
  ['input.events[1].id', [event(), event({ id: 'not-a-uuid' })]],
  ['input.events[0].productId', [event({ productId: 'x' })]],
  ['input.events[0].productId', [event({ productId: encodeId('User', '1') })]],
  ['input.events[0].productId', [event({ productId: encodeId('Product', '9'.repeat(30)) })]],
  ['input.events[0].quantity', [event({ quantity: 0 })]],
  ['input.events[0].quantity', [event({ quantity: 1_001 })]],
  ['input.events[0].occurredAt', [event({ occurredAt: inDays(1) })]],
  ['input.events[0].occurredAt', [event({ occurredAt: inDays(-8) })]],
])('refuses a wrong %s, naming it, and publishes nothing', async (argument, events) => {
  published.length = 0
  const { errors } = await track(events)
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument })
  expect(published).toEqual([])
})

test.each([
  ['kind', { kind: 'LOOKED' }],
  ['occurredAt', { occurredAt: 'yesterday' }],
  ['quantity', { quantity: 1.5 }],
])('refuses a %s that the schema does not have', async (field, change) => {
  const { errors } = await track([event(change)])
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
  expect(errors?.[0]?.message).toContain(field)
})
