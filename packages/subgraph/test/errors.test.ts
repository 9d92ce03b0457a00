import { DatabaseUnavailableError } from '@freshet/database'
import { createLogger } from '@freshet/telemetry'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { createErrorFormat } from '../src/error-format.ts'
import { encodeId, forbidden, unauthenticated } from '../src/index.ts'
import { resolvers } from './shop/resolvers.ts'
import { openShop, type Shop } from './shop/shop.ts'

let shop: Shop
beforeAll(async () => {
  const Query = {
    ...resolvers.Query,
    viewer: () => {
      throw unauthenticated()
    },
    product: () => {
      throw forbidden('Not yours')
    },
    echo: () => {
      throw new GraphQLError('inner workings', { extensions: { code: 'SOMETHING_OF_A_LIBRARY' } })
    },
  }
  shop = await openShop({ resolvers: { ...resolvers, Query } })
})
afterAll(() => shop.close())

async function run(query: string, variables?: Record<string, unknown>) {
  return shop.subgraph.executeOperation({ query, variables })
}

async function errorOf(query: string, variables?: Record<string, unknown>) {
  const { errors } = await run(query, variables)
  expect(errors).toHaveLength(1)
  return errors![0]!
}

test('masks what a resolver throws, and logs it with its stack under the trace that the client is told', async () => {
  const { message, path, extensions } = await errorOf('{ secret }')
  expect(message).toMatch(/^Something went wrong in shop\. Quote trace [0-9a-f]{32} when you report it\.$/)
  expect(path).toEqual(['secret'])
  expect(extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', service: 'shop', traceId: expect.any(String) })
  expect(message).toContain(extensions!.traceId)
  const line = shop.logged.find(({ traceId }) => traceId === extensions!.traceId)
  expect(line).toMatchObject({ level: 'error', path: 'secret', err: { message: 'the password is hunter2' } })
  expect((line!.err as { stack: string }).stack).toContain('resolvers.ts')
})

test('masks codes that it does not know, and nulls where there can be none', async () => {
  const input = { text: 'x' }
  const unknown = await errorOf('query ($input: EchoInput!) { echo(input: $input) }', { input })
  expect(unknown).toMatchObject({
    message: expect.not.stringContaining('inner'),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  })
  expect(await errorOf('{ broken }')).toMatchObject({ extensions: { code: 'INTERNAL_SERVER_ERROR' } })
})

test('passes errors that are meant for the client, named after the service', async () => {
  expect(await errorOf('{ viewer }')).toMatchObject({
    message: 'Sign in first',
    extensions: { code: 'UNAUTHENTICATED', service: 'shop' },
  })
  expect(await errorOf(`{ product(id: "${encodeId('Product', '1')}") { id } }`)).toMatchObject({
    message: 'Not yours',
    extensions: { code: 'FORBIDDEN', service: 'shop' },
  })
})

test('says that a statement took too long', async () => {
  expect(await errorOf('{ slow }')).toMatchObject({
    message: 'This took too long in shop; try again',
    extensions: { code: 'TIMEOUT', service: 'shop', traceId: expect.any(String) },
  })
})

test('says that the service can not reach its database, without a line and a stack for each request', () => {
  const lines: string[] = []
  const logger = createLogger('shop', { destination: { write: (line) => lines.push(line) } })
  const away = new DatabaseUnavailableError(
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' }),
  )
  const error = new GraphQLError(away.message, { originalError: away })
  expect(createErrorFormat('shop', logger)(error.toJSON(), error)).toMatchObject({
    message: "shop can't reach its database; try again later",
    extensions: { code: 'UNAVAILABLE', service: 'shop' },
  })
  expect(lines).toEqual([])
})

test.each([
  ['{ products(first: -1) { nodes { id } } }', 'first', '`first` must be 1 to 100, not -1'],
  ['{ products(first: 0) { nodes { id } } }', 'first', '`first` must be 1 to 100, not 0'],
  ['{ products(last: 101) { nodes { id } } }', 'last', '`last` must be 1 to 100, not 101'],
  ['{ products(after: "?") { nodes { id } } }', 'after', '`after` is not a cursor of this list'],
  ['{ products(last: 1, before: "") { nodes { id } } }', 'before', '`before` is not a cursor of this list'],
])('%s: bad input, naming the argument', async (query, argument, message) => {
  expect(await errorOf(query)).toMatchObject({
    message,
    extensions: { code: 'BAD_USER_INPUT', argument, service: 'shop' },
  })
})

test('refuses a cursor of one sort order in another', async () => {
  const { data } = await run('{ products(first: 1, sort: NAME) { pageInfo { endCursor } } }')
  const after = data.products.pageInfo.endCursor
  const query = 'query ($after: String) { products(first: 1, after: $after, sort: NEWEST) { nodes { id } } }'
  expect(await errorOf(query, { after })).toMatchObject({
    message: '`after` is a cursor of another list or sort order',
    extensions: { code: 'BAD_USER_INPUT', argument: 'after' },
  })
})

const echo = 'query ($input: EchoInput!) { echo(input: $input) }'
test.each<[string, string, string, Record<string, unknown>?]>([
  ['an enum literal', 'sort', '{ products(sort: CHEAPEST) { nodes { id } } }'],
  ['an integer beyond 32 bits', 'first', '{ products(first: 3000000000) { nodes { id } } }'],
  [
    'a literal deep in an input',
    'input.items.count',
    '{ echo(input: { text: "x", items: [{ count: "1" }] }) }',
  ],
  ['a scalar literal', 'when', '{ at(when: "2026-02-30T00:00:00Z") }'],
  [
    'an enum variable',
    'sort',
    'query ($sort: Sort) { products(sort: $sort) { nodes { id } } }',
    { sort: 'CHEAPEST' },
  ],
  [
    'a variable deep in an input',
    'input.items[1].sort',
    echo,
    { input: { text: 'x', items: [{ count: 1 }, { count: 1, sort: 'UP' }] } },
  ],
  ['a field too few', 'input', echo, { input: {} }],
  ['a field too many', 'input', echo, { input: { text: 'x', 'at "a.b"; c': 1 } }],
  ['no variable at all', 'input', echo, {}],
  ['null where there can be none', 'input', echo, { input: null }],
])('names the argument of %s that can not be', async (...[, argument, query, variables]) => {
  const { extensions } = await errorOf(query, variables)
  expect(extensions).toMatchObject({ argument, service: 'shop' })
  expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']).toContain(extensions!.code)
})

test('an unknown field is nobody’s argument', async () => {
  const { extensions } = await errorOf('{ nothing }')
  expect(extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', service: 'shop' })
})
