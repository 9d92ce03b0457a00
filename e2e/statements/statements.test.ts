import { startSystem } from '@freshet/cli'
import { type OtlpReceiver, startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'
import { parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClientTrace } from '../one-trace/trace.ts'
import { ask as askAt } from '../supergraph.ts'

/** Its own system: what others have cached, or invalidate, must not count here. */
let system: Awaited<ReturnType<typeof startSystem>>
let receiver: OtlpReceiver

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  system = await startSystem({
    postgresAdminUrl: parts().postgresAdminUrl,
    env: {
      CACHE_ENABLED: 'false',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  })
})
afterAll(async () => {
  await system?.close()
  await receiver?.close()
})

const ask = (variables: Record<string, unknown>, headers = {}) =>
  askAt('ProductList', variables, { gatewayUrl: system.gatewayUrl, headers })

/** How many SQL statements one query costs, over all services, counted in its trace. */
async function count(variables: Record<string, unknown>): Promise<number> {
  const client = createClientTrace(receiver.trace)
  const { errors, data } = await ask(variables, client.headers)
  expect(errors).toBeUndefined()
  expect(data.products.nodes).toHaveLength(Number(variables.first))
  const spans = await client.waitFor((arrived) => {
    expect(new Set(arrived.map((span) => span.service))).toEqual(
      new Set(['gateway', 'catalog', 'users', 'analytics']),
    )
    // A process sends its spans in the order in which they end, and a request's own ends last. So all is there once the
    // gateway's is, and that of every subgraph that the gateway has called.
    const answered = new Set(
      arrived.filter(({ kind }) => kind === 'server').map(({ parentSpanId }) => parentSpanId),
    )
    expect(answered).toContain(client.spanId)
    const calls = arrived.filter(({ service, kind }) => service === 'gateway' && kind === 'client')
    expect(calls.filter(({ spanId, scope }) => /undici/.test(scope) && !answered.has(spanId))).toEqual([])
    expect(calls.length).toBeGreaterThan(2)
  })
  return spans.filter(
    ({ scope, name }) => scope.endsWith('instrumentation-pg') && name.startsWith('pg.query'),
  ).length
}

test('a page of 50 products with sellers, categories, prices and statistics costs as many statements as one of 5', async () => {
  const few = await count({ first: 5, sort: 'NEWEST' })
  // At least one statement each for products, sellers, categories, statistics and wishes.
  expect(few).toBeGreaterThanOrEqual(5)
  expect(await count({ first: 50, sort: 'NEWEST' })).toBe(few)
})

test('with the caches on, the same page again costs none', async () => {
  for (const name of ['users', 'catalog', 'analytics']) {
    await system.services[name]?.restart({ CACHE_ENABLED: 'true' })
  }
  await ask({ first: 50, sort: 'NEWEST' })
  expect(await count({ first: 50, sort: 'NEWEST' })).toBe(0)
})
