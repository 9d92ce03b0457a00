import { eventually } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Spawned, spawnGateway } from './graph/spawned.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, environmentFor } from './graph/test-gateway.ts'

let graph: SmallGraph
const running: Spawned[] = []

beforeAll(async () => {
  graph = await startSmallGraph()
})
afterEach(() => {
  for (const name of ['users', 'catalog', 'analytics'] as const) graph[name].front.fault = 'none'
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
})
afterAll(() => graph?.close())

function spawned(env: Record<string, string>): Spawned {
  const gateway = spawnGateway(env)
  running.push(gateway)
  return gateway
}

async function answering(env: Record<string, string> = {}) {
  const gateway = spawned({ ...environmentFor(graph), ...env })
  const { url } = await gateway.logged('the gateway answers')
  return { gateway, url: String(url) }
}

test('every problem of the environment is listed, without secrets, and the process exits with 1', async () => {
  const gateway = spawned({
    PORT: '99999',
    SUBGRAPH_SECRET: 'too-short',
    REDIS_URL: 'http://localhost',
    KAFKA_BROKERS: 'localhost:x',
    SUBGRAPHS: '[{"name":"users","url":"nowhere"}]',
    MAX_DEPTH: 'deep',
    ALLOWED_ORIGINS: '*',
  })
  expect(await gateway.exited()).toBe(1)
  for (const name of [
    'PORT',
    'SUBGRAPH_SECRET',
    'REDIS_URL',
    'KAFKA_BROKERS',
    'SUBGRAPHS',
    'MAX_DEPTH',
    'ALLOWED_ORIGINS',
  ]) {
    expect(gateway.stderr()).toContain(name)
  }
  expect(gateway.stderr()).toContain('7 problems')
  expect(gateway.stderr()).not.toContain('too-short')
})

test('a request in flight is answered, then the process ends; new ones are refused', async () => {
  const { gateway, url } = await answering({ SUBGRAPH_TIMEOUT_MS: '60000', SHUTDOWN_GRACE_MS: '60000' })
  // In flight for as long as it takes until the gateway has begun to close, however slow it is.
  const { promise: refused, resolve: release } = Promise.withResolvers<void>()
  graph.analytics.front.fault = { until: refused }
  const inFlight = ask({ url }, '{ views }')
  await eventually(() => expect(graph.analytics.front.requests.at(-1)?.body).toContain('views'))
  gateway.child.kill('SIGTERM')
  await gateway.logged('closing')
  await eventually(async () => {
    await expect(fetch(`${url}/readyz`)).rejects.toThrow()
  })
  release()
  const { data, headers } = await inFlight
  expect(data).toEqual({ views: 42 })
  expect(headers.get('connection')).toBe('close')
  expect(await gateway.exited()).toBe(0)
})

test('it is alive at once, and ready when the supergraph is loaded', async () => {
  await graph.analytics.front.close()
  const { analytics, ...rest } = { analytics: graph.analytics, env: environmentFor(graph) }
  const list = JSON.parse(rest.env.SUBGRAPHS ?? '') as { name: string; url: string; schema?: string }[]
  const withoutFolder = list.map(({ schema, ...entry }) =>
    entry.name === 'analytics' ? entry : { ...entry, schema },
  )
  const gateway = spawned({ ...rest.env, SUBGRAPHS: JSON.stringify(withoutFolder) })
  const { msg } = await gateway.logged('waiting for a subgraph to give its schema')
  expect(msg).toBeDefined()
  const url = /Server listening at (http:\S+?)"/.exec(gateway.stdout())?.[1] ?? ''
  expect((await fetch(`${url}/livez`)).status).toBe(200)
  const notReady = await fetch(`${url}/readyz`)
  expect(notReady.status).toBe(503)
  expect(await notReady.json()).toMatchObject({ checks: { supergraph: 'is not loaded yet' } })
  const early = await ask({ url }, '{ views }')
  expect(early).toMatchObject({ status: 503, errors: [{ extensions: { code: 'STARTING' } }] })

  await analytics.front.reopen()
  await gateway.logged('the gateway answers')
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect((await ask({ url }, '{ views }')).data).toEqual({ views: 42 })
})

test('a stopped subgraph does not make the gateway unready', async () => {
  const { url } = await answering()
  await graph.analytics.front.close()
  try {
    for (let count = 0; count < 5; count++) await ask({ url }, '{ views }')
    await eventually(async () => {
      const ready = await fetch(`${url}/readyz`)
      expect(ready.status).toBe(200)
      expect(await ready.json()).toMatchObject({
        status: 'degraded',
        observed: { redis: 'ok', kafka: 'ok', 'subgraph analytics': 'failing', 'subgraph catalog': 'ok' },
      })
    })
  } finally {
    await graph.analytics.front.reopen()
  }
})

test('each operation has a trace that reaches the subgraphs, a log line and metrics', async () => {
  const { gateway, url } = await answering({ SLOW_OPERATION_MS: '60000' })
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  const answer = await ask({ url }, 'query Named { views }', { headers })
  expect(answer.headers.get('x-trace-id')).toBe(traceId)
  const received = graph.analytics.front.requests.at(-1)?.headers.traceparent
  expect(received).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  expect(received).not.toContain('00f067aa0ba902b7')
  const line = await gateway.logged('operation')
  expect(line).toMatchObject({
    level: 'info',
    operation: 'Named',
    type: 'query',
    status: 200,
    trace_id: traceId,
  })

  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(
    /freshet_gateway_operation_duration\w*_count\{operation="Named",type="query",outcome="ok"/,
  )
  expect(metrics).toMatch(
    /freshet_gateway_subgraph_fetch_duration\w*_count\{subgraph="analytics",outcome="ok"/,
  )
})

test('an operation that takes longer than it should has a warning instead of its line', async () => {
  const { gateway, url } = await answering({ SLOW_OPERATION_MS: '1' })
  await ask({ url }, 'query Slow { slow(ms: 50) }')
  expect(await gateway.logged('slow operation')).toMatchObject({ level: 'warn', operation: 'Slow' })
})

test('errors are counted by code and by the service that they are about, which is never what a client names', async () => {
  const { url } = await answering()
  const fails = (how: string) =>
    ask({ url }, 'query ($how: String!) { fails(how: $how) }', { variables: { how } })
  await fails('input')
  await fails('secretly')
  await ask({ url }, '{ nothing }')
  graph.users.front.fault = {
    body: { errors: [{ message: 'x', extensions: { code: 'TAKEN', service: 'made-up' } }] },
  }
  try {
    await ask({ url }, '{ me { name } }')
  } finally {
    graph.users.front.fault = 'none'
  }
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const counted = [
    ...metrics.matchAll(/^freshet_gateway_errors_total\{code="(\w+)",service="([\w-]+)"[^}]*\} (\d+)/gm),
  ]
  expect(counted.map(([, code, service, count]) => `${service} ${code} ${count}`).sort()).toEqual([
    'catalog BAD_USER_INPUT 1',
    'catalog INTERNAL_SERVER_ERROR 1',
    'gateway GRAPHQL_VALIDATION_FAILED 1',
    'users TAKEN 1',
  ])
})
