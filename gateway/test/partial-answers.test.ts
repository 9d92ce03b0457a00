import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import type { Fault } from './graph/fault-front.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, recordingLogger, startTestGateway } from './graph/test-gateway.ts'

let graph: SmallGraph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSmallGraph()
})
beforeEach(async () => {
  for (const name of ['users', 'catalog', 'analytics'] as const) graph[name].front.fault = 'none'
  // A fresh one for each test: breakers remember.
  await restart()
})

async function restart(env: Record<string, string> = {}): Promise<void> {
  await gateway?.close()
  gateway = await startTestGateway(graph, { SUBGRAPH_ANSWER_LIMIT_BYTES: '100000', ...env })
}

/** How long a service that hangs is waited for. */
const impatient = { SUBGRAPH_TIMEOUT_MS: '1000' }
/** Where others must not look as if they hung, on a slow machine. */
const lessImpatient = { SUBGRAPH_TIMEOUT_MS: '3000' }
afterAll(async () => {
  await gateway?.close()
  await graph?.close()
})

const PAGE = '{ product(id: "1") { title seller { name } stats { views } trendRank } }'
const intact = { title: 'Product 1', seller: { name: 'User 7' } }

test('one query is answered by three services', async () => {
  const { status, data, errors } = await ask(gateway, PAGE)
  expect({ status, data, errors }).toEqual({
    status: 200,
    data: { product: { ...intact, stats: { views: 10 }, trendRank: 3 } },
    errors: [],
  })
})

test.each<[Fault, string, RegExp]>([
  ['hang', 'SUBGRAPH_TIMEOUT', /"analytics" did not answer within 3000 ms/],
  ['hang-in-body', 'SUBGRAPH_TIMEOUT', /"analytics" did not answer within 3000 ms/],
  ['reset', 'SUBGRAPH_UNAVAILABLE', /"analytics" broke the connection off/],
  ['garbage', 'SUBGRAPH_UNAVAILABLE', /"analytics" answered with something that is not JSON/],
  ['huge', 'SUBGRAPH_UNAVAILABLE', /"analytics" answered with more than 100000 bytes/],
  ['status-500', 'SUBGRAPH_UNAVAILABLE', /"analytics" answered with HTTP status 500/],
  [{ body: '"text"' }, 'SUBGRAPH_UNAVAILABLE', /not a GraphQL response/],
  [{ body: {} }, 'SUBGRAPH_UNAVAILABLE', /neither data nor errors/],
  [{ body: { data: 'text' } }, 'SUBGRAPH_UNAVAILABLE', /malformed data/],
  [{ body: { data: { _entities: 'text' } } }, 'SUBGRAPH_UNAVAILABLE', /other entities than asked for/],
  [{ body: { data: { _entities: [] } } }, 'SUBGRAPH_UNAVAILABLE', /other entities than asked for/],
  [{ body: { errors: 'text' } }, 'SUBGRAPH_UNAVAILABLE', /malformed errors/],
])(
  'a service that answers with %j leaves its own fields null, with an error that names it',
  async (fault, code, message) => {
    if (code === 'SUBGRAPH_TIMEOUT') await restart(lessImpatient)
    graph.analytics.front.fault = fault
    const { status, data, errors } = await ask(gateway, PAGE)
    expect({ status, data }).toEqual({
      status: 200,
      data: { product: { ...intact, stats: null, trendRank: null } },
    })
    expect(errors.map(({ path, extensions }) => ({ path, extensions }))).toEqual([
      { path: ['product', 'stats'], extensions: { code, service: 'analytics' } },
      { path: ['product', 'trendRank'], extensions: { code, service: 'analytics' } },
    ])
    for (const error of errors) expect(error.message).toMatch(message)
  },
)

test('a stopped service leaves its fields null at the root, on entities and behind references', async () => {
  await graph.catalog.front.close()
  try {
    const { data, errors } = await ask(
      gateway,
      '{ views products { title } trending { rank product { title } } }',
    )
    expect(data).toEqual({ views: 42, products: null, trending: [{ rank: 1, product: null }] })
    expect(errors.map(({ message, path }) => ({ message, path }))).toEqual([
      { message: 'The service "catalog" can\'t be reached.', path: ['products'] },
      { message: 'The service "catalog" can\'t be reached.', path: ['trending'] },
    ])
    expect(errors[1]?.extensions).toEqual({
      code: 'SUBGRAPH_UNAVAILABLE',
      service: 'catalog',
      at: 'trending.@.product.title',
    })
  } finally {
    await graph.catalog.front.reopen()
  }
})

test('a list whose entities can not be completed has one error for each field, not for each entity', async () => {
  graph.analytics.front.fault = 'reset'
  const { data, errors } = await ask(gateway, '{ products(first: 50) { title stats { views } } }')
  expect(data.products).toHaveLength(50)
  expect(data.products[49]).toEqual({ title: 'Product 50', stats: null })
  expect(errors.map(({ path }) => path)).toEqual([['products']])
})

test('a hanging service is not waited for again and again, and is used again when it is back', async () => {
  await restart(impatient)
  graph.analytics.front.fault = 'hang'
  const before = graph.analytics.front.requests.length
  for (let count = 0; count < 5; count++) await ask(gateway, '{ views }')
  const notAsked = 'The service "analytics" has failed several times in a row and is not asked for a moment.'
  // Once in a second one call tries whether it is back: on a slow machine it may be the next one.
  await eventually(async () => expect((await ask(gateway, '{ views }')).errors[0]?.message).toBe(notAsked))
  // Five, and two that tried.
  expect(graph.analytics.front.requests.length - before).toBeLessThan(8)
  // Others go on, and while one call tries whether it is back, nobody waits for that call.
  const arrived = graph.analytics.front.requests.length
  await eventually(async () => {
    await ask(gateway, '{ product(id: "1") { title } }')
    void ask(gateway, '{ views }').catch(() => undefined)
    expect(graph.analytics.front.requests.length).toBeGreaterThan(arrived)
    // Another query: an equal one shares the answer of the one that is under way, also where that is long in coming.
    expect((await ask(gateway, '{ other: views }')).errors[0]?.message).toBe(notAsked)
  })

  graph.analytics.front.fault = 'none'
  await eventually(async () => expect((await ask(gateway, '{ views }')).data).toEqual({ views: 42 }))
})

test('an outage is logged once, and its end once, however many requests it costs', async () => {
  const { lines, logger } = recordingLogger()
  const logging = await startTestGateway(graph, {}, logger)
  const headers = { authorization: 'Bearer fst_unknown' }
  const about = () =>
    lines.filter(({ subgraph }) => subgraph).map(({ level, subgraph, msg }) => [level, subgraph, msg])
  await Promise.all([graph.analytics.front.close(), graph.users.front.close()])
  try {
    for (let count = 0; count < 20; count++) await ask(logging, '{ views }', { headers })
    const away = [
      ['warn', 'users', 'The service "users" can\'t be reached.'],
      ['warn', 'analytics', 'The service "analytics" can\'t be reached.'],
    ]
    expect(about()).toEqual(away)
    await Promise.all([graph.analytics.front.reopen(), graph.users.front.reopen()])
    await eventually(async () => {
      expect((await ask(logging, '{ views me { name } }', { headers })).status).toBe(401)
      expect((await ask(logging, '{ views }')).data).toEqual({ views: 42 })
    })
    const back = [
      ['info', 'analytics', 'a subgraph answers again'],
      ['info', 'users', 'sessions are checked again'],
    ]
    expect(new Set(about().slice(2))).toEqual(new Set(back))
    expect(about()).toHaveLength(away.length + back.length)
  } finally {
    await logging.close()
  }
})

test('answers that are too large do not stop others from being asked for', async () => {
  graph.analytics.front.fault = 'huge'
  for (let count = 0; count < 8; count++) await ask(gateway, '{ views }')
  graph.analytics.front.fault = 'none'
  expect((await ask(gateway, '{ views }')).data).toEqual({ views: 42 })
})

test('a query is sent again when the connection breaks, a mutation never', async () => {
  const sent = () => graph.catalog.front.requests.length
  graph.catalog.front.fault = 'reset-once'
  let before = sent()
  expect((await ask(gateway, '{ product(id: "1") { title } }')).data).toEqual({
    product: { title: 'Product 1' },
  })
  expect(sent() - before).toBe(2)

  graph.catalog.front.fault = 'reset-once'
  before = sent()
  const mutation = 'mutation { setPrice(input: { id: "1", amount: 5 }) { title } }'
  const { data, errors } = await ask(gateway, mutation)
  expect(data).toEqual({ setPrice: null })
  expect(errors[0]).toMatchObject({ path: ['setPrice'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } })
  expect(sent() - before).toBe(1)
})

test('connections to a service are kept alive', async () => {
  const sockets = new Set<string>()
  await ask(gateway, '{ views }')
  for (const { headers } of graph.analytics.front.requests.slice(-1)) sockets.add(String(headers.connection))
  expect([...sockets]).toEqual(['keep-alive'])
})
