import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, read, startTestGateway } from './graph/test-gateway.ts'

let graph: SmallGraph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSmallGraph()
  gateway = await startTestGateway(graph, {
    ALLOWED_ORIGINS: 'https://shop.example',
    EXPLORER_ENABLED: 'true',
  })
})
afterAll(async () => {
  await gateway?.close()
  await graph?.close()
})

const nested = (levels: number) =>
  `{ product(id: "1") ${'{ parent '.repeat(levels)}{ id }${' }'.repeat(levels)} }`
const bomb = `query { product(id: "1") { ...f0 } } ${Array.from(
  { length: 30 },
  (_, i) => `fragment f${i} on Product { a: id b: id ${i < 29 ? `...f${i + 1} ...f${i + 1}` : ''} }`,
).join(' ')}`
/** Each spreads all that follow: written out, twice as much with each more. */
const spreading = (fragments: number) => {
  const names = Array.from({ length: fragments }, (_, i) => `s${i}`)
  const texts = names.map((name, i) => {
    const following = names.slice(i + 1).map((one) => `...${one}`)
    return `fragment ${name} on Product { ${following.join(' ') || 'id'} }`
  })
  return `{ product(id: "1") { ...s0 } } ${texts.join(' ')}`
}

/** The same page of every product, under some names. */
const related = (count: number) =>
  Array.from({ length: count }, (_, i) => `a${i}: related(first: 1) { id }`).join(' ')

test.each([
  ['depth', nested(14), 15],
  ['aliases', `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: views`).join(' ')} }`, 100],
  ['aliases', bomb, 100],
  ['rootFields', `{ ${'views '.repeat(31)} }`, 30],
  ['selections', spreading(23), 5_000],
  ['nodes', '{ products(first: 100) { children { children { children { id } } } } }', 20_000],
  ['pages', `{ products(first: 100) { ${related(5)} } }`, 500],
  [
    'aliases',
    `{ __schema { ${Array.from({ length: 101 }, (_, i) => `a${i}: description`).join(' ')} } }`,
    100,
  ],
  ['tokens', `{ ${'views '.repeat(5_001)} }`, 5_000],
  ['bytes', `{ views } #${'x'.repeat(100_000)}`, 100_000],
])(
  'an operation over the limit of %s is refused before any service is asked',
  async (limit, query, maximum) => {
    const before = graph.catalog.front.requests.length
    const { status, errors } = await ask(gateway, query)
    expect(status).toBe(limit === 'bytes' ? 413 : 400)
    expect(errors[0]?.extensions).toEqual({ code: 'OPERATION_LIMIT_EXCEEDED', limit, maximum })
    expect(errors[0]?.message).toMatch(/\d/)
    expect(graph.catalog.front.requests.length).toBe(before)
  },
)

test('an operation at the limits is answered', async () => {
  expect((await ask(gateway, nested(13))).errors).toEqual([])
  expect((await ask(gateway, `{ products(first: 99) { ${related(5)} } }`)).errors).toEqual([])
  const aliases = `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: views`).join(' ')} }`
  expect((await ask(gateway, aliases)).errors).toEqual([])
})

test('the costliest text that the limit of tokens lets through is refused or answered, not computed for minutes', async () => {
  const refusals = []
  for (const text of [
    `{ ${'product(id: "1") { id } '.repeat(490)} }`,
    `{ product(id: "1") { ${'id '.repeat(4_900)} } }`,
    // Spread out it would have a billion fields.
    bomb,
  ])
    refusals.push((await ask(gateway, text)).errors[0]?.extensions.limit)
  expect(refusals).toEqual(['rootFields', undefined, 'aliases'])
})

test('variables that are nested thousands of levels deep are refused as what they are', async () => {
  const query = 'query ($id: ID!) { product(id: $id) { title } }'
  // As text: making it of an object would take this process' stack.
  const body = `{"query":${JSON.stringify(query)},"variables":{"id":${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}}}`
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
  expect([response.status, errors[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT'])
})

test('page sizes count from variables too', async () => {
  const query = 'query ($n: Int) { products(first: $n) { children { children { children { id } } } } }'
  expect((await ask(gateway, query, { variables: { n: 100 } })).errors).toMatchObject([
    { extensions: { code: 'OPERATION_LIMIT_EXCEEDED', limit: 'nodes' } },
  ])
  expect((await ask(gateway, query, { variables: { n: 2 } })).errors).toEqual([])
})

test('introspection is open, as deep as explorers need it', async () => {
  const { getIntrospectionQuery } = await import('graphql')
  const { data, errors } = await ask(
    gateway,
    getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }),
  )
  expect(errors).toEqual([])
  expect(data.__schema.queryType.name).toBe('Query')
})

test.each([
  ['{"query": ', 400, 'BAD_REQUEST'],
  ['', 400, 'BAD_REQUEST'],
  ['null', 400, 'BAD_REQUEST'],
  ['"text"', 400, 'BAD_REQUEST'],
  ['{}', 400, 'BAD_REQUEST'],
  ['[]', 400, 'BATCHING_NOT_SUPPORTED'],
  ['[{"query":"{ views }"}]', 400, 'BATCHING_NOT_SUPPORTED'],
  ['{"query": 5}', 400, 'BAD_REQUEST'],
  ['{"query": "{ views }", "variables": "x"}', 400, 'BAD_REQUEST'],
  ['{"query": "{ views }", "__proto__": {}}', 400, 'BAD_REQUEST'],
  ['{"query": "{ views"}', 400, 'GRAPHQL_PARSE_FAILED'],
  ['{"query": "query A { views } query B { views }"}', 400, 'OPERATION_RESOLUTION_FAILURE'],
  [`{"query": "{ views }", "x": "${'x'.repeat(1_100_000)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
])('the body %.40s is answered with %d and %s', async (body, status, code) => {
  const answered = await ask(gateway, undefined, { body })
  expect({ status: answered.status, code: answered.errors[0]?.extensions.code }).toEqual({ status, code })
  expect(JSON.stringify(answered.errors)).not.toMatch(/stack|node_modules/)
})

const get = (search: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/graphql?${new URLSearchParams(search).toString()}`, { headers, redirect: 'manual' })

test('GET answers queries, and nothing that changes anything', async () => {
  const preflighted = { 'apollo-require-preflight': '1' }
  expect((await read(await get({ query: '{ views }' }, preflighted))).data).toEqual({ views: 42 })
  const mutation = await get(
    { query: 'mutation { setPrice(input: { id: "1", amount: 1 }) { id } }' },
    preflighted,
  )
  expect(mutation.status).toBe(405)
  expect(mutation.headers.get('allow')).toBe('POST')
})

test("a request that any web page could make in a visitor's name is refused", async () => {
  const simple = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{"query":"{ views }"}',
  })
  expect(simple.status).toBeGreaterThanOrEqual(400)
  expect((await get({ query: '{ views }' })).status).toBe(400)
})

test('a browser that opens the endpoint is sent to the explorer', async () => {
  const visit = await get({}, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
  expect({ status: visit.status, location: visit.headers.get('location') }).toEqual({
    status: 303,
    location: '/',
  })
})

test('only the named origins may read answers from a browser', async () => {
  const preflight = (origin: string) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    })
  const allowed = await preflight('https://shop.example')
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  expect(allowed.headers.get('access-control-allow-headers')).toMatch(/authorization/)
  const other = await preflight('https://evil.example')
  expect(other.headers.get('access-control-allow-origin')).toBeNull()
})

test('answers come in the type that the client asks for', async () => {
  const type = async (accept: string) =>
    (await ask(gateway, '{ views }', { headers: { accept } })).headers.get('content-type')
  expect(await type('application/graphql-response+json')).toBe(
    'application/graphql-response+json; charset=utf-8',
  )
  expect(await type('application/json')).toBe('application/json; charset=utf-8')
  expect(await type('*/*')).toBe('application/json; charset=utf-8')
})
