import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, startTestGateway } from './graph/test-gateway.ts'

let graph: SmallGraph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSmallGraph()
  gateway = await startTestGateway(graph)
})
beforeEach(() => {
  graph.catalog.front.fault = 'none'
})
afterAll(async () => {
  await gateway?.close()
  await graph?.close()
})

const fails = (how: string) =>
  ask(gateway, 'query Fails($how: String!) { fails(how: $how) }', { variables: { how } })

test('an error made for clients keeps message, path, code and argument, and names its service', async () => {
  expect((await fails('input')).errors).toEqual([
    {
      message: 'how must be something else',
      path: ['fails'],
      extensions: { code: 'BAD_USER_INPUT', argument: 'how', service: 'catalog' },
    },
  ])
  expect((await fails('forbidden')).errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', service: 'catalog' })
})

test('an unexpected error passes with nothing but its service and the trace', async () => {
  const { data, errors } = await fails('secretly')
  expect(data).toEqual({ fails: null })
  expect(errors).toEqual([
    {
      message: 'Something went wrong in the service "catalog".',
      path: ['fails'],
      extensions: {
        code: 'INTERNAL_SERVER_ERROR',
        service: 'catalog',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    },
  ])
  expect(JSON.stringify(errors)).not.toContain('hunter2')
})

test('nothing that a subgraph adds to its errors passes but what is known', async () => {
  const extensions = {
    code: 'TAKEN',
    argument: 'x',
    stacktrace: ['at secret.ts:1'],
    exception: { sql: 'select' },
    http: { status: 418, headers: {} },
    serviceName: 'elsewhere',
  }
  graph.catalog.front.fault = {
    body: { data: { product: null }, errors: [{ message: 'Taken.', path: ['product'], extensions }] },
  }
  const { status, errors } = await ask(gateway, '{ product(id: "1") { title } }')
  expect(status).toBe(200)
  expect(errors).toEqual([
    {
      message: 'Taken.',
      path: ['product'],
      extensions: { code: 'TAKEN', argument: 'x', service: 'catalog' },
    },
  ])
})

test.each([
  [401, 'SIGNATURE_INVALID'],
  [400, 'GRAPHQL_VALIDATION_FAILED'],
  [400, undefined],
])("a subgraph that refuses the gateway (%s %s) is not the client's fault", async (status, code) => {
  graph.catalog.front.fault = {
    status,
    body: { errors: [{ message: 'secret insides', extensions: { code } }] },
  }
  const { data, errors } = await ask(gateway, '{ product(id: "1") { title } views }')
  expect(data).toEqual({ product: null, views: 42 })
  expect(errors).toMatchObject([
    {
      message: 'Something went wrong in the service "catalog".',
      path: ['product'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    },
  ])
})

test('an entity that is gone is null without an error', async () => {
  graph.catalog.front.fault = { body: { data: { _entities: [null] } } }
  const { data, errors } = await ask(gateway, '{ trending { rank product { title } } }')
  expect({ data, errors }).toEqual({ data: { trending: [{ rank: 1, product: null }] }, errors: [] })
})

test("a wrongly typed answer is masked and is not called the client's fault", async () => {
  graph.catalog.front.fault = { body: { data: { products: { not: 'a list' } } } }
  const { status, errors } = await ask(gateway, '{ products { title } }')
  expect(status).toBe(500)
  expect(errors).toMatchObject([
    { message: 'Something went wrong in the gateway.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ])
})

test.each([
  ['{ products(sort: FOO) { id } }', undefined, 'sort'],
  ['{ products(first: "x") { id } }', undefined, 'first'],
  ['{ products(wrong: 1) { id } }', undefined, 'wrong'],
  ['{ products(filter: { minPrice: "x" }) { id } }', undefined, 'filter.minPrice'],
  ['{ products(filter: { range: { from: 1, to: "x" } }) { id } }', undefined, 'filter.range.to'],
  ['{ products(filter: { range: { to: 1 } }) { id } }', undefined, 'filter.range.from'],
  ['{ products(filter: { unknown: 1 }) { id } }', undefined, 'filter.unknown'],
  ['{ products(filter: { tags: [1, "x"] }) { id } }', undefined, 'filter.tags[1]'],
  ['{ product { id } }', undefined, 'id'],
  ['query ($s: Sort) { products(sort: $s) { id } }', { s: 'FOO' }, 'sort'],
  ['query ($i: ID!) { product(id: $i) { id } }', {}, 'id'],
  ['query ($i: ID!) { product(id: $i) { id } }', { i: null }, 'id'],
  ['query ($i: String) { product(id: $i) { id } }', {}, 'id'],
  [
    'query ($f: Filter) { products(filter: $f) { id } }',
    { f: { range: { from: 'x' } } },
    'filter.range.from',
  ],
  ['query ($f: Filter) { products(filter: $f) { id } }', { f: { range: { to: 1 } } }, 'filter.range.from'],
  ['query ($f: Filter) { products(filter: $f) { id } }', { f: { tags: [1, 'x'] } }, 'filter.tags[1]'],
  [
    'query ($r: Range) { products(filter: { range: $r }) { id } }',
    { r: { from: ' at "r.wrong"; ' } },
    'filter.range.from',
  ],
  [
    'query ($n: Int) { a: products(first: $n) { id } b: products(filter: { minPrice: $n }) { id } }',
    { n: 'x' },
    'n',
  ],
])('%s with %j names the argument', async (query, variables, argument) => {
  const { status, data, errors } = await ask(gateway, query, { variables })
  expect({ status, data }).toEqual({ status: 400, data: undefined })
  expect(errors[0]?.extensions).toMatchObject({
    argument,
    code: expect.stringMatching(/^BAD_USER_INPUT$|^GRAPHQL_VALIDATION_FAILED$/),
  })
})

test.each([
  ['{ products(since: "yesterday") { id } }', undefined],
  ['query ($s: DateTime) { products(since: $s) { id } }', { s: 'yesterday' }],
])('%s: what only the subgraph can judge names the argument too', async (query, variables) => {
  const { status, data, errors } = await ask(gateway, query, { variables })
  expect({ status, data }).toEqual({ status: 200, data: { products: null } })
  expect(errors).toMatchObject([
    { path: ['products'], extensions: { code: 'BAD_USER_INPUT', argument: 'since', service: 'catalog' } },
  ])
})

test('a refused value is not sent back in full, however long, and its argument is found', async () => {
  // It looks like what graphql-js says itself, all through: nothing may search it for that again and again.
  const value = 'argument "x" of type  at "f.range.from"; '.repeat(20_000)
  const { status, errors } = await ask(gateway, 'query ($f: Filter) { products(filter: $f) { id } }', {
    variables: { f: { range: { from: 1, to: value } } },
  })
  expect({ status, argument: errors[0]?.extensions.argument }).toEqual({
    status: 400,
    argument: 'filter.range.to',
  })
  expect(errors[0]?.message.length).toBeLessThan(1_100)
})

test.each([
  ['texts', 'x'],
  ['objects', {}],
])('a list of thousands of wrong elements (%s) gets one short answer', async (_what, wrong) => {
  const tags = Array.from({ length: 30_000 }, () => wrong)
  const { status, errors } = await ask(gateway, 'query ($f: Filter) { products(filter: $f) { id } }', {
    variables: { f: { tags } },
  })
  expect({ status, codes: errors.map(({ extensions }) => extensions.code) }).toEqual({
    status: 400,
    codes: ['BAD_USER_INPUT'],
  })
  expect(JSON.stringify(errors).length).toBeLessThan(2_000)
})

test("an operation type that the graph does not have is refused as the client's mistake", async () => {
  const { status, errors } = await ask(gateway, 'subscription { x }')
  expect(status).toBe(400)
  expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
})

test("brackets nested thousands of levels deep are refused without a word of the parser's insides", async () => {
  const { status, errors } = await ask(
    gateway,
    `{ product(id: ${'['.repeat(2_400)}${']'.repeat(2_400)}) { id } }`,
  )
  expect(status).toBe(400)
  expect(errors?.[0]?.extensions.code).toMatch(/^(OPERATION_LIMIT_EXCEEDED|GRAPHQL_VALIDATION_FAILED)$/)
  expect(errors?.[0]?.message).not.toMatch(/call stack/)
})
