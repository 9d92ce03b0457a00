import { createHash } from 'node:crypto'
import { eventually, parts, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, read, startTestGateway } from './graph/test-gateway.ts'

let graph: SmallGraph
let redis: Redis
const open: Gateway[] = []

beforeAll(async () => {
  graph = await startSmallGraph()
  redis = new Redis(parts().redisUrl)
})
afterAll(async () => {
  for (const gateway of open) await gateway.close()
  redis?.disconnect()
  await graph?.close()
})

async function start(env: Record<string, string> = {}) {
  const gateway = await startTestGateway(graph, env)
  open.push(gateway)
  return gateway
}

/** A text that no other test has stored. */
const freshQuery = () => `query ${uniqueName('q').replaceAll('-', '_')} { views }`
const hashOf = (query: string) => createHash('sha256').update(query).digest('hex')
const extensions = (sha256Hash: string, version = 1) => ({ persistedQuery: { version, sha256Hash } })
const byHash = (gateway: Gateway, query: string) =>
  ask(gateway, undefined, { body: { extensions: extensions(hashOf(query)) } })

test('a text is asked for once, then its hash is enough: for every process', async () => {
  const [first, second] = [await start(), await start()]
  const query = freshQuery()
  const unknown = await byHash(first, query)
  expect(unknown.status).toBe(200)
  expect(unknown.errors).toMatchObject([
    { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
  ])

  const register = () => ask(first, undefined, { body: { query, extensions: extensions(hashOf(query)) } })
  expect((await register()).data).toEqual({ views: 42 })
  expect((await byHash(first, query)).data).toEqual({ views: 42 })
  // A Redis that is not connected yet, or does not answer at once, is not waited for: then the next time tells it.
  await eventually(async () => {
    await register()
    expect((await byHash(second, query)).data).toEqual({ views: 42 })
  })

  const key = `{gateway}:apq:${hashOf(query)}`
  expect(await redis.get(key)).toBe(query)
  expect(await redis.ttl(key)).toBeGreaterThan(86_000)
})

test('a hash works with GET, as CDNs need it', async () => {
  const gateway = await start()
  const query = freshQuery()
  await ask(gateway, undefined, { body: { query, extensions: extensions(hashOf(query)) } })
  const search = new URLSearchParams({ extensions: JSON.stringify(extensions(hashOf(query))) })
  const response = await fetch(`${gateway.url}/graphql?${search.toString()}`, {
    headers: { 'apollo-require-preflight': '1' },
  })
  expect((await read(response)).data).toEqual({ views: 42 })
})

test('without Redis the process remembers by itself', async () => {
  const gateway = await start({ REDIS_URL: 'redis://127.0.0.1:1' })
  const query = freshQuery()
  expect((await byHash(gateway, query)).errors).toMatchObject([
    { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
  ])
  const registered = await ask(gateway, undefined, { body: { query, extensions: extensions(hashOf(query)) } })
  expect(registered.data).toEqual({ views: 42 })
  expect((await byHash(gateway, query)).data).toEqual({ views: 42 })
})

test.each([
  ["another text's hash", hashOf('{ me { name } }'), 1, 'PERSISTED_QUERY_HASH_MISMATCH'],
  ['no hash', 'x', 1, 'BAD_REQUEST'],
  ['an unknown version', hashOf('{ views }'), 2, 'BAD_REQUEST'],
])('%s is refused', async (_what, hash, version, code) => {
  const gateway = await start()
  const { status, errors } = await ask(gateway, undefined, {
    body: { query: '{ views }', extensions: extensions(hash, version) },
  })
  expect(status).toBe(400)
  expect(errors).toMatchObject([{ extensions: { code } }])
})
