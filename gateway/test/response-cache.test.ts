import { randomBytes, randomInt } from 'node:crypto'
import { connect } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { parts, startFaultProxy, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { type Answered, ask, startTestGateway } from './graph/test-gateway.ts'

/** A busy machine must not turn an answer into one with an error. */
const patient = { SUBGRAPH_TIMEOUT_MS: '10000', SESSION_TIMEOUT_MS: '10000' }
let graph: SmallGraph
let gateway: Gateway
let other: Gateway
beforeAll(async () => {
  graph = await startSmallGraph()
  graph.sessions.set('ada', { id: '1', roles: ['CUSTOMER'], sessionId: 'a' })
  graph.sessions.set('bob', { id: '2', roles: ['CUSTOMER'], sessionId: 'b' })
  const shared = { ...patient, CACHE_DOMAIN: uniqueName('gateway') }
  gateway = await startTestGateway(graph, shared)
  other = await startTestGateway(graph, shared)
})
afterAll(async () => {
  await Promise.all([gateway?.close(), other?.close()])
  await graph.close()
})
beforeEach(() => {
  for (const { front } of [graph.users, graph.catalog, graph.analytics]) {
    front.fault = 'none'
    front.requests.length = 0
  }
  graph.catalog.front.freshness = productFreshness
  graph.analytics.front.freshness = productFreshness
  graph.users.front.freshness = () => ({ maxAge: 60, scope: 'PRIVATE', tags: [], entities: [], private: [] })
})

let sequence = 1_000
/** As catalog and analytics say it: a product depends on itself, a write ends it. */
function productFreshness({ query, variables = {} }: { query: string; variables?: Record<string, unknown> }) {
  if (query.startsWith('mutation')) {
    return { invalidated: { tags: [`product:${String(variables.id)}`], sequence: String(++sequence) } }
  }
  const representations = variables.representations as { id: string }[] | undefined
  if (representations === undefined)
    return { maxAge: 60, scope: 'PUBLIC', tags: [`product:${String(variables.id)}`] }
  const tags = representations.map(({ id }) => `product:${id}`)
  return { maxAge: 60, scope: 'PUBLIC', tags, entities: tags.map((_, i) => [i]) }
}

/** An id that no test has asked for yet. */
const newId = () => String(randomInt(1, 200_000_000))
const page = 'query Page($id: ID!) { product(id: $id) { title stats { views } } }'
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const status = (answer: Answered) => answer.headers.get('cache-status')
const fetches = () =>
  [graph.users, graph.catalog, graph.analytics].flatMap(({ front }) =>
    front.requests.filter(({ path }) => path === '/graphql'),
  )

test('the second of two equal queries is answered from the cache, on any gateway, without a fetch', async () => {
  const variables = { id: newId() }
  const first = await ask(gateway, page, { variables })
  expect(status(first)).toBe('freshet-fetches; detail="hits=0 misses=2", freshet-answers; fwd=miss')
  graph.catalog.front.requests.length = 0
  graph.analytics.front.requests.length = 0
  for (const one of [gateway, other]) {
    const again = await ask(one, page, { variables })
    expect(status(again)).toMatch(/^freshet-answers; hit; ttl=\d+$/)
    expect({ data: again.data, status: again.status, type: again.headers.get('content-type') }).toEqual({
      data: first.data,
      status: 200,
      type: first.headers.get('content-type'),
    })
  }
  expect(fetches()).toEqual([])
})

test('the writer reads its own write, on the gateway that it wrote through and on another', async () => {
  const id = newId()
  for (const one of [gateway, other]) await ask(one, page, { variables: { id } })
  const title = `renamed ${id}`
  const rename = 'mutation ($id: ID!, $title: String!) { rename(id: $id, title: $title) { title } }'
  await ask(gateway, rename, { variables: { id, title } })
  for (const one of [other, gateway]) {
    expect((await ask(one, page, { variables: { id } })).data.product.title).toBe(title)
  }
})

test('what a write was acknowledged with goes along with the fetches after it', async () => {
  const id = newId()
  const rename = 'mutation ($id: ID!) { rename(id: $id, title: "x") { title } }'
  await ask(gateway, rename, { variables: { id } })
  graph.catalog.front.requests.length = 0
  await ask(other, page, { variables: { id: newId() } })
  const [{ headers }] = graph.catalog.front.requests as [(typeof graph.catalog.front.requests)[number]]
  expect(Number(headers['freshet-sequence'])).toBeGreaterThanOrEqual(sequence)
})

test('a personal page uses what others were answered of the same things, and asks for the rest only', async () => {
  const ids = [newId(), newId(), newId()]
  await ask(gateway, 'query Warm($id: ID!) { product(id: $id) { stats { views } } }', {
    variables: { id: ids[1] },
  })
  graph.analytics.front.requests.length = 0
  const aliases = ids.map((id, i) => `p${i}: product(id: "${id}") { stats { views } }`).join('\n')
  const personal = await ask(gateway, `query Personal { me { id name } ${aliases} }`, as('ada'))
  expect(personal.errors).toEqual([])
  const asked = graph.analytics.front.requests.flatMap(
    ({ body }) =>
      (JSON.parse(body) as { variables: { representations: { id: string }[] } }).variables.representations,
  )
  expect(new Set(asked.map(({ id }) => id))).toEqual(new Set([ids[0], ids[2]]))
  expect(asked).toHaveLength(2)
  const views = ids.map((_, i) => personal.data[`p${i}`].stats.views)
  expect(views).toEqual(ids.map((id) => Number(id) * 10))
})

const me = 'query Me { me { id name } }'

test("nobody is answered with another's private answer, whatever the order", async () => {
  for (const [token, id] of [
    ['ada', '1'],
    ['bob', '2'],
    ['ada', '1'],
    ['bob', '2'],
  ] as const) {
    expect((await ask(gateway, me, as(token))).data.me).toMatchObject({ id })
    expect((await ask(other, me)).data.me).toBeNull()
  }
})

test('a private answer is kept for its viewer', async () => {
  const query = 'query MeAgain { me { name id } }'
  await ask(gateway, query, as('ada'))
  // The first answer told that it is private: the second is stored for ada.
  await ask(gateway, query, as('ada'))
  graph.users.front.requests.length = 0
  expect(status(await ask(gateway, query, as('ada')))).toMatch(/^freshet-answers; hit/)
  expect(fetches()).toEqual([])
})

test('of two viewers who ask the same new thing at the same moment, each gets an own answer', async () => {
  for (let round = 0; round < 5; round++) {
    const query = `query Race${round} { me { id alias${round}: name } }`
    const tokens = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'ada' : 'bob'))
    const answers = await Promise.all(tokens.map((token) => ask(gateway, query, as(token))))
    expect(answers.map(({ data }) => data.me.id)).toEqual(
      tokens.map((token) => (token === 'ada' ? '1' : '2')),
    )
  }
})

test('twenty equal queries at once are executed once', async () => {
  const variables = { id: newId() }
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(gateway, page, { variables })))
  expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1)
  expect(graph.catalog.front.requests).toHaveLength(1)
})

test('an answer with an error is not kept', async () => {
  const variables = { id: newId() }
  graph.analytics.front.fault = 'status-500'
  expect((await ask(gateway, page, { variables })).errors).toHaveLength(1)
  graph.analytics.front.fault = 'none'
  const again = await ask(gateway, page, { variables })
  expect(again.errors).toEqual([])
  // What the working service had said was kept.
  expect(status(again)).toContain('hits=1 misses=1')
})

test('what is kept is answered while its services are away', async () => {
  const variables = { id: newId() }
  const { data } = await ask(gateway, page, { variables })
  graph.catalog.front.fault = 'status-500'
  graph.analytics.front.fault = 'status-500'
  expect(await ask(gateway, page, { variables })).toMatchObject({ status: 200, data, errors: [] })
})

test.each([
  ['says nothing', undefined],
  ['says not to keep it', { maxAge: 0, scope: 'PUBLIC', tags: [] }],
  ['says what is not understood', { maxAge: 60, scope: 'PUBLIC', tags: 'product:1' }],
])('what a service %s of is asked for again each time', async (_, freshness) => {
  const query = `query Plain${randomBytes(4).toString('hex')} { views }`
  graph.analytics.front.freshness = () => freshness
  for (let i = 0; i < 3; i++) expect((await ask(gateway, query)).data).toEqual({ views: 42 })
  expect(graph.analytics.front.requests).toHaveLength(3)
})

test('one fetch that may not be kept makes the whole answer one that is not, and the rest is still kept', async () => {
  const variables = { id: newId() }
  graph.analytics.front.freshness = () => undefined
  for (let i = 0; i < 3; i++) await ask(gateway, page, { variables })
  expect([graph.catalog.front.requests.length, graph.analytics.front.requests.length]).toEqual([1, 3])
})

test('other variables are another answer, and a variable that is not declared is none', async () => {
  const id = newId()
  await ask(gateway, page, { variables: { id } })
  expect(status(await ask(gateway, page, { variables: { unused: 1, id } }))).toMatch(/hit/)
  expect(status(await ask(gateway, page, { variables: { id: newId() } }))).toMatch(/miss/)
})

const windowed =
  'query Windowed($id: ID!, $window: String = "year") { product(id: $id) { stats(window: $window) { views } } }'

test('the same thing asked with another argument is another fetch, and a default is not null', async () => {
  const id = String(randomInt(1, 1_000_000))
  const views = async (variables: object) =>
    (await ask(gateway, windowed, { variables: { id, ...variables } })).data.product.stats.views
  for (let i = 0; i < 2; i++) {
    expect(await views({})).toBe(Number(id) * 100)
    expect(await views({ window: null })).toBe(Number(id) * 10)
    expect(await views({ window: 'day' })).toBe(Number(id) * 10)
    expect(await views({ window: 'year' })).toBe(Number(id) * 100)
  }
})

test('an answer is as old as its oldest part may be', async () => {
  graph.analytics.front.freshness = (request) => ({ ...productFreshness(request), maxAge: 30 })
  const variables = { id: newId() }
  await ask(gateway, page, { variables })
  expect(Number(/ttl=(\d+)/.exec(status(await ask(gateway, page, { variables }))!)![1])).toBeLessThanOrEqual(
    30,
  )
})

test('an age is counted from when it was asked for', async () => {
  graph.catalog.front.freshness = () => ({ maxAge: 1, scope: 'PUBLIC', tags: [] })
  const query = 'query Slow { slow(ms: 1100) }'
  for (let i = 0; i < 2; i++) await ask(gateway, query)
  expect(graph.catalog.front.requests).toHaveLength(2)
})

test('an answer that depends on very many things ends with each of them', async () => {
  const tags = Array.from({ length: 250 }, (_, i) => `product:${i + 1}`)
  graph.catalog.front.freshness = (request) =>
    request.query.startsWith('mutation') ? productFreshness(request) : { maxAge: 60, scope: 'PUBLIC', tags }
  const query = 'query Many { products(first: 250) { id title } }'
  await ask(gateway, query)
  expect(status(await ask(gateway, query))).toMatch(/hit/)
  const title = `one of many, ${randomBytes(4).toString('hex')}`
  const rename = 'mutation ($id: ID!, $title: String!) { rename(id: $id, title: $title) { title } }'
  await ask(gateway, rename, { variables: { id: '17', title } })
  for (const one of [gateway, other]) expect((await ask(one, query)).data.products[16].title).toBe(title)
})

test('a write is answered without anything that a process of its service keeps', async () => {
  const rename = 'mutation ($id: ID!) { rename(id: $id, title: "x") { title } }'
  await ask(gateway, rename, { variables: { id: newId() } })
  expect(graph.catalog.front.requests.at(-1)?.headers['freshet-sequence']).toBe(
    String(Number.MAX_SAFE_INTEGER),
  )
})

test.each([
  ['is longer than can be held', 'x'.repeat(195)],
  ['has white space', 'a b'],
])('a write with a tag that %s ends all of its service', async (_, tag) => {
  const id = newId()
  await ask(gateway, page, { variables: { id } })
  graph.catalog.front.freshness = (request) => {
    const said = productFreshness(request)
    return 'invalidated' in said ? { invalidated: { ...said.invalidated, tags: [tag] } } : said
  }
  const rename = 'mutation ($id: ID!) { rename(id: $id, title: "ended") { title } }'
  const answer = await ask(gateway, rename, { variables: { id } })
  expect([answer.status, answer.errors]).toEqual([200, []])
  for (const one of [gateway, other])
    expect((await ask(one, page, { variables: { id } })).data.product.title).toBe('ended')
})

/** What an address is answered with, byte for byte as it is given: clients would clean it up. */
async function getRaw(target: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `GET ${target} HTTP/1.1\r\nhost: x\r\napollo-require-preflight: 1\r\nconnection: close\r\n\r\n`,
  )
  return readAll(socket)
}

test('no address stores the answer to one thing under the key of another', async () => {
  const [asked, other] = [newId(), newId()]
  const text = (id: string) => `query Poison { product(id: "${id}") { title } }`
  const of = (id: string) => encodeURIComponent(text(id))
  const variables = (id: string) => `{"id":"${asked}","z":"%22,%22id%22:%22${id}%22,%22y%22:%22%FF"}`
  const query = encodeURIComponent(page)
  for (const target of [
    `/graphql#query=${of(asked)}&z=?query=${of(other)}`,
    `/graphql?query=${of(asked)}#&query=${of(other)}`,
    `/graphql?query=${of(asked)}&query=${of(other)}`,
    `/graphql?query=${query}&variables=${variables(other)}`,
  ])
    await getRaw(target)
  expect((await ask(gateway, text(asked))).data.product.title).toBe(`Product ${asked}`)
  expect((await ask(gateway, page, { variables: { id: asked } })).data.product.title).toBe(`Product ${asked}`)
})

test('a client that wrote elsewhere brings its token along, and is not answered with what it has replaced', async () => {
  const apart = await startTestGateway(graph, patient)
  try {
    const id = newId()
    await ask(apart, page, { variables: { id } })
    const rename = 'mutation ($id: ID!) { rename(id: $id, title: "by token") { title } }'
    const token = (await ask(gateway, rename, { variables: { id } })).headers.get('freshet-consistency')
    const title = async (headers: Record<string, string>) =>
      (await ask(apart, page, { variables: { id }, headers })).data.product.title
    expect(await title({})).toBe(`Product ${id}`)
    expect(await title({ 'freshet-consistency': token! })).toBe('by token')
    expect(await title({})).toBe('by token')
    const forged = await ask(apart, page, { variables: { id }, headers: { 'freshet-consistency': 'x.y' } })
    expect([forged.status, forged.errors[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST'])
  } finally {
    await apart.close()
  }
})

test('a mutation whose invalidation its service could not be sure of says so', async () => {
  const rename = 'mutation ($id: ID!, $title: String!) { rename(id: $id, title: $title) { title } }'
  const variables = { id: newId(), title: 'renamed' }
  expect((await ask(gateway, rename, { variables })).headers.get('freshet-invalidation')).toBeNull()
  graph.catalog.front.freshness = () => ({
    invalidated: { tags: [`product:${variables.id}`], sequence: null },
  })
  expect((await ask(gateway, rename, { variables })).headers.get('freshet-invalidation')).toBe('late')
})

test('a write waits for a slow Redis as long as requests do, before it says that others may be answered with the old', async () => {
  const proxy = await startFaultProxy({ target: parts().redisUrl })
  const slow = await startTestGateway(graph, { ...patient, REDIS_URL: proxy.urlOf(parts().redisUrl) })
  try {
    const id = newId()
    await ask(slow, page, { variables: { id } })
    // There and back it is more than a try has by default.
    proxy.set({ delayMs: 200 })
    const rename = 'mutation ($id: ID!) { rename(id: $id, title: "slow") { title } }'
    const answer = await ask(slow, rename, { variables: { id } })
    expect([answer.status, answer.headers.get('freshet-invalidation')]).toEqual([200, null])
  } finally {
    await slow.close()
    await proxy.close()
  }
})

test('with the cache switched off, every answer is made anew, and writes still end what others keep', async () => {
  const domain = uniqueName('gateway')
  const [off, on] = await Promise.all([
    startTestGateway(graph, { ...patient, CACHE_DOMAIN: domain, CACHE_ENABLED: 'false' }),
    startTestGateway(graph, { ...patient, CACHE_DOMAIN: domain }),
  ])
  try {
    const id = newId()
    for (const one of [off, off, on]) await ask(one, page, { variables: { id } })
    expect(graph.catalog.front.requests).toHaveLength(3)
    const rename = 'mutation ($id: ID!) { rename(id: $id, title: "off") { title } }'
    await ask(off, rename, { variables: { id } })
    expect((await ask(on, page, { variables: { id } })).data.product.title).toBe('off')
  } finally {
    await Promise.all([off.close(), on.close()])
  }
})

test('without Redis every answer is fresh', async () => {
  const alone = await startTestGateway(graph, {
    ...patient,
    REDIS_URL: 'redis://127.0.0.1:1',
    CACHE_TIMEOUT_MS: '50',
  })
  try {
    const id = newId()
    for (const title of ['first', 'second']) {
      graph.titles.set(id, title)
      expect((await ask(alone, page, { variables: { id } })).data.product.title).toBe(title)
    }
  } finally {
    await alone.close()
  }
})
