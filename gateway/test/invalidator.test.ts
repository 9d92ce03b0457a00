import { randomInt } from 'node:crypto'
import {
  createKafkaBus,
  defineInvalidated,
  type EventBus,
  makeEvent,
  newEvent,
  publishEvents,
} from '@freshet/events'
import { prefixedBus } from '@freshet/events/testing'
import { createLogger } from '@freshet/telemetry'
import { createTopics, eventually, parts, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, startTestGateway } from './graph/test-gateway.ts'

const patient = { SUBGRAPH_TIMEOUT_MS: '10000', SESSION_TIMEOUT_MS: '10000' }
const invalidated = defineInvalidated('catalog')
let graph: SmallGraph
let gateways: Gateway[]
let bus: EventBus
let topics: Awaited<ReturnType<typeof createTopics>>
const prefix = uniqueName('invalidator-test')
const logger = createLogger('invalidator-test', { level: 'silent' })
/** On topics of this file alone: what it publishes ends what other files' gateways keep. */
const openBus = () =>
  prefixedBus(createKafkaBus({ brokers: parts().kafkaBrokers, clientId: prefix, logger }), prefix)
beforeAll(async () => {
  graph = await startSmallGraph()
  graph.catalog.front.freshness = ({ variables = {} }) => ({
    maxAge: 3600,
    scope: 'PUBLIC',
    tags: [`product:${String(variables.id)}`],
  })
  const shared = { ...patient, CACHE_DOMAIN: uniqueName('gateway') }
  const names = ['users', 'catalog', 'analytics'].map((service) => `${service}.invalidations`)
  topics = await createTopics([...names, 'gateway.dead-letters'].map((name) => `${prefix}.${name}`))
  gateways = await Promise.all([1, 2, 3].map(() => startTestGateway(graph, shared, logger, openBus())))
  bus = openBus()
})
afterAll(async () => {
  await bus?.close()
  await Promise.all((gateways ?? []).map((gateway) => gateway.close()))
  await graph?.close()
  await topics?.close()
})

const page = 'query ($id: ID!) { product(id: $id) { title } }'
const titles = (id: string) =>
  Promise.all(
    gateways.map(async (gateway) => (await ask(gateway, page, { variables: { id } })).data.product.title),
  )
const newId = () => String(randomInt(1, 200_000_000))

/** A product that somebody has changed past every gateway, which all keep what it was. */
const renamed = (): Promise<string> =>
  eventually(async () => {
    const id = newId()
    expect(new Set(await titles(id))).toEqual(new Set([`Product ${id}`]))
    graph.titles.set(id, 'renamed')
    // Where Redis does not answer within its 50 ms, a gateway asks the service: then another product has to do.
    expect(new Set(await titles(id))).toEqual(new Set([`Product ${id}`]))
    return id
  })

test('what a service has invalidated by itself is gone from three gateways, whichever of them hears of it', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => renamed()))
  for (const id of ids) {
    const data = { domain: 'catalog', tags: [`product:${id}`], sequence: '5' }
    await publishEvents(bus, 'catalog', [newEvent(invalidated, data)], { deadlineMs: 20_000 })
  }
  for (const id of ids) {
    await eventually(async () => expect(await titles(id)).toEqual(['renamed', 'renamed', 'renamed']), {
      timeoutMs: 60_000,
    })
  }
})

test('the sequence of the event goes along with the next fetch', async () => {
  const id = await renamed()
  const data = { domain: 'catalog', tags: [`product:${id}`], sequence: '77' }
  await publishEvents(bus, 'catalog', [newEvent(invalidated, data)], { deadlineMs: 20_000 })
  await eventually(async () => expect(await titles(id)).toEqual(['renamed', 'renamed', 'renamed']), {
    timeoutMs: 60_000,
  })
  const { headers } = graph.catalog.front.requests.at(-1)!
  expect(Number(headers['freshet-sequence'])).toBeGreaterThanOrEqual(77)
})

test('a message that can’t be read ends all that the service had a part in', async () => {
  const id = await renamed()
  await bus.publish([{ topic: invalidated.topic, key: 'catalog', value: 'not json' }])
  await eventually(async () => expect(await titles(id)).toEqual(['renamed', 'renamed', 'renamed']), {
    timeoutMs: 60_000,
  })
})

test('a sequence that is far ahead of the clock is not followed, and ends all as one that can’t be read', async () => {
  const id = await renamed()
  const data = { domain: 'catalog', tags: ['product:0'], sequence: '5' }
  const event = makeEvent('catalog', { event: invalidated, data })
  const value = JSON.stringify({ ...event, data: { ...data, sequence: '9999999999999999' } })
  await bus.publish([{ topic: invalidated.topic, key: 'catalog', value }])
  await eventually(async () => expect(await titles(id)).toEqual(['renamed', 'renamed', 'renamed']), {
    timeoutMs: 60_000,
  })
  const { headers } = graph.catalog.front.requests.at(-1)!
  expect(headers['freshet-sequence']).not.toBe('9999999999999999')
})

test.each([
  ['a tag that can’t be held', (tag: string) => [tag, 'x'.repeat(195)]],
  ['a tag that is none', (tag: string) => [tag, 'a b']],
  [
    'more tags than Redis takes in time',
    (tag: string) => [...Array.from({ length: 30_000 }, (_, i) => `product:${i}`), tag],
  ],
])('an event with %s loses nothing', async (_, tagsOf) => {
  const id = await renamed()
  const data = { domain: 'catalog', tags: tagsOf(`product:${id}`), sequence: '5' }
  await publishEvents(bus, 'catalog', [newEvent(invalidated, data)], { deadlineMs: 20_000 })
  await eventually(async () => expect(await titles(id)).toEqual(['renamed', 'renamed', 'renamed']), {
    timeoutMs: 60_000,
  })
})
