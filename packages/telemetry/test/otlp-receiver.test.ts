import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from '@jest/globals'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from '../src/otlp-receiver/index.ts'

const receivers: OtlpReceiver[] = []

async function receiver(options?: OtlpReceiverOptions): Promise<OtlpReceiver> {
  const started = await startOtlpReceiver(options)
  receivers.push(started)
  return started
}

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((open) => open.close()))
})

/** The exporter that services use, sending to `url`. */
function exporterTo(url: string, compression?: 'gzip') {
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'catalog' }),
    spanProcessors: [
      new SimpleSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${url}/v1/traces`, compression: compression as never }),
      }),
    ],
  })
}

const traceId = '0af7651916cd43dd8448eb211c80319c'

function jsonExport(over: object = {}, service = 'users'): string {
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: '1700000000000000001',
    endTimeUnixNano: 5_000,
    ...over,
  }
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [{ scope: { name: 'here' }, spans: [span] }],
      },
    ],
  })
}

const send = (
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => fetch(`${url}/v1/traces`, { method: 'POST', body, headers })

test.each([undefined, 'gzip'] as const)(
  'receives what the protobuf exporter sends, compressed with %s',
  async (compression) => {
    const { url, spans } = await receiver()
    const provider = exporterTo(url, compression)
    const linked = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    const span = provider.getTracer('@freshet/x').startSpan('publish catalog.product', {
      kind: SpanKind.PRODUCER,
      links: [{ context: linked }],
      attributes: {
        text: 'Füße 日本',
        whole: 42,
        negative: -7,
        huge: 2 ** 60,
        part: 1.5,
        yes: true,
        no: false,
        list: ['a', 'b'],
      },
      startTime: [1_700_000_000, 123_456_789],
    })
    span.recordException(new Error('lost'))
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'lost' })
    span.end([1_700_000_001, 1])
    await provider.shutdown()
    expect(spans()).toEqual([
      {
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentSpanId: undefined,
        name: 'publish catalog.product',
        kind: 'producer',
        service: 'catalog',
        scope: '@freshet/x',
        attributes: {
          text: 'Füße 日本',
          whole: 42,
          negative: -7,
          huge: '1152921504606846976',
          part: 1.5,
          yes: true,
          no: false,
          list: ['a', 'b'],
        },
        links: [{ traceId: linked.traceId, spanId: linked.spanId }],
        events: [{ name: 'exception', attributes: expect.objectContaining({ 'exception.message': 'lost' }) }],
        startNs: 1_700_000_000_123_456_789n,
        endNs: 1_700_000_001_000_000_001n,
        status: { code: 'error', message: 'lost' },
      },
    ])
  },
)

test('receives JSON, with numbers as text or not, plain or gzipped', async () => {
  const { url, spans, trace, reset } = await receiver()
  const attributes = [
    { key: 'i', value: { intValue: '42' } },
    { key: 'big', value: { intValue: '9007199254740993' } },
    { key: 'l', value: { arrayValue: { values: [{ doubleValue: 0.5 }, { boolValue: false }] } } },
    { key: 'm', value: { kvlistValue: { values: [{ key: 'k', value: { stringValue: '' } }] } } },
    { key: 'none' },
  ]
  const response = await send(url, jsonExport({ attributes, parentSpanId: '' }))
  expect([response.status, await response.text()]).toEqual([200, '{}'])
  const gzipped = await send(url, new Uint8Array(gzipSync(jsonExport({ spanId: 'c'.repeat(16) }))), {
    'content-type': 'application/json; charset=utf-8',
    'content-encoding': 'gzip',
  })
  expect(gzipped.status).toBe(200)
  expect(trace(traceId)).toHaveLength(2)
  expect(spans()[0]).toMatchObject({
    service: 'users',
    scope: 'here',
    kind: 'server',
    parentSpanId: undefined,
    startNs: 1_700_000_000_000_000_001n,
    attributes: { i: 42, big: '9007199254740993', l: [0.5, false], m: { k: '' }, none: null },
    status: { code: 'unset', message: '' },
  })
  reset()
  expect(spans()).toEqual([])
})

test.each([
  ['text that is not JSON', '{', 'application/json', 400],
  [
    'JSON of another shape',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":1}]}]}]}',
    'application/json',
    400,
  ],
  ['null', 'null', 'application/json', 400],
  ['bytes that are not protobuf', 'hello', 'application/x-protobuf', 400],
  ['a message that is cut short', '\n\u0005\u0000', 'application/x-protobuf', 400],
  ['another content type', 'x', 'text/plain', 415],
])('refuses %s and stays usable', async (_what, body, type, status) => {
  const { url, spans } = await receiver()
  const response = await send(url, body, { 'content-type': type })
  expect([response.status, await response.json()]).toEqual([status, { message: expect.any(String) }])
  expect((await send(url, jsonExport())).status).toBe(200)
  expect(spans()).toHaveLength(1)
})

test('refuses other paths and methods, broken gzip, and bodies that are too large', async () => {
  const { url } = await receiver()
  expect((await fetch(`${url}/v1/metrics`, { method: 'POST', body: '' })).status).toBe(404)
  expect((await fetch(`${url}/v1/traces`)).status).toBe(405)
  expect(
    (await send(url, 'x', { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status,
  ).toBe(400)
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(40_000_000)))
  expect(
    (await send(url, bomb, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status,
  ).toBe(400)
})

test('an empty export is accepted', async () => {
  const { url } = await receiver()
  expect((await send(url, '', { 'content-type': 'application/x-protobuf' })).status).toBe(200)
  expect((await send(url, '{}')).status).toBe(200)
})

test('waits until a trace is as wanted, and keeps the order of time', async () => {
  const { url, waitForTrace } = await receiver()
  const complete = waitForTrace(traceId, (spans) => spans.length === 2)
  await send(url, jsonExport({ name: 'second', spanId: '2'.repeat(16), startTimeUnixNano: '20' }))
  await send(url, jsonExport({ name: 'first', spanId: '1'.repeat(16), startTimeUnixNano: '10' }))
  expect((await complete).map(({ name }) => name)).toEqual(['first', 'second'])
})

test('a trace that stays incomplete rejects with what has arrived', async () => {
  const { url, waitForTrace } = await receiver()
  await send(url, jsonExport())
  await expect(waitForTrace(traceId, (spans) => spans.length === 2, { timeoutMs: 50 })).rejects.toThrow(
    /was not complete within 50 ms[\s\S]*GET \//,
  )
  await expect(waitForTrace('f'.repeat(32), () => true, { timeoutMs: 50 })).rejects.toThrow('(no spans)')
})

test('holds no more spans than it was told, and tells of each batch', async () => {
  const batches: number[] = []
  const { url, spans } = await receiver({ maxSpans: 2, onSpans: (batch) => batches.push(batch.length) })
  for (const id of ['1', '2', '3']) await send(url, jsonExport({ spanId: id.repeat(16) }))
  expect(spans().map(({ spanId }) => spanId[0])).toEqual(['2', '3'])
  expect(batches).toEqual([1, 1, 1])
})
