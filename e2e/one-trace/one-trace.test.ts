import { type ReceivedSpan, readTraceFile } from '@freshet/telemetry/otlp-receiver'
import { expect, test } from '@jest/globals'
import { ask, productId, sharedSystem, signIn } from '../supergraph.ts'
import { createClientTrace } from './trace.ts'

const read = (traceId: string) => readTraceFile(sharedSystem().traceFile, traceId)

const by = (spans: readonly ReceivedSpan[], service: string, part: string | RegExp) =>
  spans.filter((span) => span.service === service && `${span.scope} ${span.name}`.match(part))

/** Of `spans`, those that have one of `ancestors` above them. */
function below(spans: readonly ReceivedSpan[], ancestors: readonly ReceivedSpan[]): ReceivedSpan[] {
  const parentOf = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]))
  const above = new Set(ancestors.map(({ spanId }) => spanId))
  return spans.filter((span) => {
    let id = span.parentSpanId
    while (id !== undefined && !above.has(id)) id = parentOf.get(id)
    return id !== undefined
  })
}

/** Every span hangs below the client's own span, by way of spans that are there. */
function expectConnected(spans: readonly ReceivedSpan[], root: string): void {
  const known = new Set([root, ...spans.map((span) => span.spanId)])
  const orphans = spans.filter((span) => !known.has(span.parentSpanId ?? ''))
  expect(orphans.map((span) => `${span.service} ${span.name}`)).toEqual([])
}

test('one trace shows a write: gateway, subgraph, SQL, Redis, the outbox relay, Kafka, and both consumers with their SQL', async () => {
  const token = await signIn('admin')
  const client = createClientTrace(read)
  const price = { amount: 4_321, currency: 'USD' }
  const { data } = await ask(
    '{ products(first: 1, filter: { search: "Classic" }) { nodes { id price { currency } } } }',
  )
  const [product] = data.products.nodes
  await ask(
    'SetPrice',
    { input: { productId: product.id, price: { ...price, currency: product.price.currency } } },
    { token, headers: client.headers },
  )
  const spans = await client.waitFor((arrived) => {
    expect(by(arrived, 'gateway', /instrumentation-http POST/)).not.toEqual([])
    expect(by(arrived, 'gateway', /gateway\.request/)).not.toEqual([])
    expect(by(arrived, 'gateway', /gateway\.fetch/)).not.toEqual([])
    expect(by(arrived, 'users', /instrumentation-http POST/)).not.toEqual([]) // the session is looked up
    expect(by(arrived, 'catalog', /instrumentation-http POST/)).not.toEqual([])
    expect(by(arrived, 'catalog', /instrumentation-pg/)).not.toEqual([])
    expect(by(arrived, 'catalog', /instrumentation-ioredis/)).not.toEqual([])
    expect(by(arrived, 'catalog', /send catalog\.product/)).not.toEqual([])
    for (const consumer of ['users', 'analytics']) {
      const processed = by(arrived, consumer, /process catalog\.product/)
      expect(processed).not.toEqual([])
      // Its effect is SQL below the consumer's span: SQL for the request itself, such as the session's, does not count.
      expect(by(below(arrived, processed), consumer, /instrumentation-pg/)).not.toEqual([])
    }
    expectConnected(arrived, client.spanId)
  })
  const sent = by(spans, 'catalog', /send catalog\.product/)[0]
  expect(sent?.kind).toBe('producer')
  for (const consumer of ['users', 'analytics']) {
    const processed = by(spans, consumer, /process catalog\.product/)[0]
    expect(processed?.kind).toBe('consumer')
    expect(processed?.parentSpanId).toBe(sent?.spanId)
  }
})

test('one trace shows a read over three services, down to their caches', async () => {
  const client = createClientTrace(read)
  const { headers } = await ask('ProductPage', { id: productId(31) }, { headers: client.headers })
  await client.waitFor((arrived) => {
    for (const service of ['catalog', 'users', 'analytics']) {
      expect(by(arrived, service, /instrumentation-http POST/)).not.toEqual([])
      expect(by(arrived, service, /instrumentation-ioredis/)).not.toEqual([])
    }
    expectConnected(arrived, client.spanId)
  })
  // A client that sends no trace learns which one to quote.
  expect(headers.get('traceresponse') ?? headers.get('x-trace-id')).toContain(client.traceId)
})
