import { createHash } from 'node:crypto'
import { eventually, type RedisCluster, startRedisCluster, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, startTestGateway } from './graph/test-gateway.ts'

let cluster: RedisCluster
let graph: SmallGraph
const open: Gateway[] = []

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3 })
  graph = await startSmallGraph()
})
afterAll(async () => {
  for (const gateway of open) await gateway.close()
  await graph?.close()
  await cluster?.close()
})

test('on a Redis Cluster, what one process was told of a persisted query the other one knows', async () => {
  const start = async () => {
    const gateway = await startTestGateway(graph, { REDIS_URL: cluster.url })
    open.push(gateway)
    return gateway
  }
  const [first, second] = [await start(), await start()]
  const query = `query ${uniqueName('q').replaceAll('-', '_')} { views }`
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const extensions = { persistedQuery: { version: 1, sha256Hash } }
  // Until the cluster is found, each process remembers by itself.
  await eventually(
    async () => {
      await ask(first, undefined, { body: { query, extensions } })
      expect((await ask(second, undefined, { body: { extensions } })).data).toEqual({ views: 42 })
    },
    { timeoutMs: 30_000 },
  )
  const holder = await cluster.masterOf('{gateway}:')
  expect(await holder.admin.get(`{gateway}:apq:${sha256Hash}`)).toBe(query)
})
