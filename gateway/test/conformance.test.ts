import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { serverAudits } from 'graphql-http'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { startTestGateway } from './graph/test-gateway.ts'

let graph: SmallGraph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSmallGraph()
  gateway = await startTestGateway(graph)
})
afterAll(async () => {
  await gateway?.close()
  await graph?.close()
})

test('GraphQL over HTTP: no audit fails, and only those warn that Apollo Server decides otherwise', async () => {
  const audits = serverAudits({
    url: () => `${gateway.url}/graphql`,
    // CSRF prevention wants a header that no simple request can carry.
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: { 'apollo-require-preflight': '1', ...(init.headers as Record<string, string>) },
      }),
  })
  const results = await Promise.all(audits.map((audit) => audit.fn()))
  const others = results
    .filter(({ status }) => status !== 'ok')
    .map(({ name, status }) => `${status}: ${name}`)
  expect(others).toEqual([
    'warn: SHOULD use 200 status code on document parsing failure when accepting application/json',
    'warn: SHOULD use 200 status code on document validation failure when accepting application/json',
    'warn: SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
  ])
  expect(results).toHaveLength(61)
})
