import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../src/otlp-receiver/index.ts'

// Not through @freshet/testing: it depends on this package.
const { FRESHET_TEST_POSTGRES_ADMIN_URL, FRESHET_TEST_REDIS_URL, FRESHET_TEST_KAFKA_BROKERS } = process.env
const brokers = (FRESHET_TEST_KAFKA_BROKERS ?? '').split(',')
const topic = `telemetry-${process.pid}-${Date.now()}`
const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const clientSpanId = '00f067aa0ba902b7'

let receiver: OtlpReceiver
let service: ChildProcess
let url = ''
/** What the service printed: its own announcements and its log. */
const printed: Record<string, unknown>[] = []

/** The first printed line that has `key`, now or later. */
async function line(key: string): Promise<Record<string, unknown>> {
  for (;;) {
    const found = printed.find((entry) => key in entry)
    if (found !== undefined) return found
    if (service.exitCode !== null)
      throw new Error(`The service has ended with ${service.exitCode}; see its output above.`)
    await Promise.race([once(service.stdout!, 'data'), once(service, 'exit')])
  }
}

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  const script = fileURLToPath(new URL('fixtures/traced-service.ts', import.meta.url))
  service = spawn(process.execPath, ['--import', '@freshet/telemetry/register', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'traced',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      NODE_NO_WARNINGS: '1',
      POSTGRES_URL: FRESHET_TEST_POSTGRES_ADMIN_URL,
      REDIS_URL: FRESHET_TEST_REDIS_URL,
      KAFKA_BROKERS: FRESHET_TEST_KAFKA_BROKERS,
      TOPIC: topic,
    },
  })
  createInterface(service.stdout!).on('line', (text) =>
    printed.push(JSON.parse(text) as Record<string, unknown>),
  )
  url = String((await line('url')).url)
  const response = await fetch(`${url}/work`, {
    headers: { traceparent: `00-${traceId}-${clientSpanId}-01` },
  })
  expect(await response.text()).toBe('done')
})

afterAll(async () => {
  if (service?.exitCode === null) {
    service.kill('SIGKILL')
    await once(service, 'close')
  }
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
  await receiver.close()
})

const statement = ({ attributes }: ReceivedSpan) =>
  JSON.stringify(attributes['db.query.text'] ?? '').slice(1, -1)

test('one trace shows the request, SQL, Redis, GraphQL, the call out, Kafka and the consumer', async () => {
  await line('traceparent')
  // The consumer may be done before the request that sent it the message: all that ends last is waited for.
  const last = ['GET /work', 'GET /inner', `process ${topic}`]
  const spans = await receiver.waitForTrace(traceId, (arrived) =>
    last.every((name) => arrived.some((span) => span.name === name)),
  )
  const find = (what: string, is: (span: ReceivedSpan) => boolean) => {
    const found = spans.filter(is)
    expect([what, found.length]).toEqual([what, 1])
    return found[0]!
  }
  const work = find('server', ({ name }) => name === 'GET /work')
  expect(work).toMatchObject({ service: 'traced', kind: 'server', parentSpanId: clientSpanId })
  expect(work.attributes).toMatchObject({ 'http.route': '/work', 'http.response.status_code': 200 })

  const sql = find('sql', (span) => statement(span) === 'select 1 as outer_statement')
  expect(sql).toMatchObject({
    kind: 'client',
    parentSpanId: work.spanId,
    attributes: { 'db.system.name': 'postgresql' },
  })
  const script = find('redis', ({ name }) => name === 'eval')
  expect(script).toMatchObject({ parentSpanId: work.spanId })
  expect(statement(script)).toBe('eval <script> a-key [1 more arguments]')

  const call = find(
    'undici',
    ({ kind, attributes }) => kind === 'client' && attributes['url.path'] === '/inner',
  )
  expect(call.parentSpanId).toBe(work.spanId)
  const inner = find('inner', ({ name }) => name === 'GET /inner')
  expect(inner).toMatchObject({ kind: 'server', parentSpanId: call.spanId })
  expect(find('redis in inner', ({ name }) => name === 'get').parentSpanId).toBe(inner.spanId)

  const execute = find(
    'graphql',
    ({ scope, name }) => scope.endsWith('instrumentation-graphql') && name === 'query',
  )
  expect(execute.parentSpanId).toBe(work.spanId)
  // Fifty items with a property each make no span: only the resolver that does something does.
  const resolved = spans.filter(({ name }) => name.startsWith('graphql.resolve'))
  expect(resolved.map(({ attributes }) => attributes['graphql.field.path'])).toEqual(['answer'])
  expect(find('sql in graphql', (span) => statement(span) === 'select 42 as answer').parentSpanId).toBe(
    resolved[0]!.spanId,
  )

  const announce = find('withSpan', ({ name }) => name === 'announce')
  expect(announce).toMatchObject({ kind: 'producer', parentSpanId: work.spanId })
  const send = find('send', ({ name }) => name === `send ${topic}`)
  expect(send).toMatchObject({ kind: 'producer', parentSpanId: announce.spanId })
  const handle = find('process', ({ name }) => name === `process ${topic}`)
  expect(handle).toMatchObject({ kind: 'consumer', parentSpanId: send.spanId })
  expect(find('sql in consumer', (span) => statement(span).includes('consumer_statement')).parentSpanId).toBe(
    handle.spanId,
  )

  // The header that the consumer found is the producer's span.
  expect((await line('traceparent')).traceparent).toBe(`00-${traceId}-${send.spanId}-01`)
})

test('polls, heartbeats, batches and health probes make no traces', async () => {
  await line('batch')
  for (let i = 0; i < 5; i++) await (await fetch(`${url}/livez`)).text()
  // A request that is exported after them: what they had made would have arrived with it.
  const later = 'f'.repeat(32)
  await (await fetch(`${url}/inner`, { headers: { traceparent: `00-${later}-${clientSpanId}-01` } })).text()
  await receiver.waitForTrace(later, (spans) => spans.length === 2)
  expect(receiver.spans().filter((span) => span.traceId !== traceId && span.traceId !== later)).toEqual([])
  expect(receiver.spans().filter((span) => /poll|batch_statement/.test(statement(span)))).toEqual([])
})

test('log lines inside a request carry its trace', async () => {
  const logged = printed.find(({ msg }) => msg === 'working')
  expect(logged).toMatchObject({
    level: 'info',
    name: 'traced',
    trace_id: traceId,
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
})

test('metrics show requests by route, the runtime, the pool and Kafka', async () => {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const labels = /^target_info\{(.*)\}/m.exec(metrics)![1]!
  // Not the command line, its owner or the machine.
  expect(
    [...labels.matchAll(/(\w+)="/g)].map(([, name]) => name!).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual([
    'process_pid',
    'service_name',
    'telemetry_sdk_language',
    'telemetry_sdk_name',
    'telemetry_sdk_version',
  ])
  const requests = metrics
    .split('\n')
    .find((entry) => /^http_server_request_duration_seconds_count\{.*http_route="\/work"/.test(entry))
  expect(requests).toMatch(/http_request_method="GET".*http_response_status_code="200".* 1$/)
  expect(metrics.match(/http_route="[^"]*"/g)).not.toContain('http_route="/livez"')
  const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  expect(names).toEqual(
    expect.arrayContaining([
      'nodejs_eventloop_delay_p99_seconds',
      'v8js_memory_heap_used_bytes',
      'v8js_gc_duration_seconds',
      'db_client_operation_duration_seconds',
      'db_client_connection_pending_requests',
      'messaging_client_sent_messages_total',
    ]),
  )
})

test('what is still held is exported at shutdown', async () => {
  const last = 'e'.repeat(32)
  await (await fetch(`${url}/inner`, { headers: { traceparent: `00-${last}-${clientSpanId}-01` } })).text()
  service.kill('SIGTERM')
  expect(await once(service, 'close')).toEqual([0, null])
  expect(receiver.trace(last).map(({ name }) => name)).toEqual(expect.arrayContaining(['GET /inner', 'get']))
})
