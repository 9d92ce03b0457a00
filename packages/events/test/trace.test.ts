import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parts, type ReceivedSpan, startOtlpReceiver } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventsDatabase, eventTopic } from './harness.ts'

const run = promisify(execFile)
let spans: readonly ReceivedSpan[]
let metrics: string
let log: string
let topic: string
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  const [database, events, receiver] = await Promise.all([
    eventsDatabase(),
    eventTopic({ partitions: 1 }),
    startOtlpReceiver(),
  ])
  opened.push(database, events, receiver)
  topic = events.topic
  const { stdout, stderr } = await run(
    process.execPath,
    [
      '--disable-warning=DEP0205',
      '--import',
      '@freshet/telemetry/register',
      new URL('traced-process.ts', import.meta.url).pathname,
      database.url,
      events.service,
      topic,
      parts().kafkaBrokers.join(','),
    ],
    {
      cwd: new URL('../', import.meta.url).pathname,
      env: { ...process.env, OTEL_SERVICE_NAME: 'traced', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    },
  )
  metrics = stdout
  log = stderr
  spans = receiver.spans()
})
afterAll(async () => {
  for (const part of opened) await part.close()
})

const only = (found: readonly ReceivedSpan[]): ReceivedSpan => {
  expect(found).toHaveLength(1)
  return found[0]!
}

test('one trace goes from the write through the relay and the topic to the effect', () => {
  const write = only(spans.filter(({ name }) => name === 'the write'))
  const trace = spans.filter(({ traceId }) => traceId === write.traceId)
  const send = only(trace.filter(({ name }) => name === `send ${topic}`))
  const process = only(trace.filter(({ name }) => name === `process ${topic}`))
  const effect = only(trace.filter(({ attributes }) => JSON.stringify(attributes).includes('as handled')))
  expect(send).toMatchObject({ kind: 'producer', parentSpanId: write.spanId })
  expect(process).toMatchObject({ kind: 'consumer', parentSpanId: send.spanId })
  expect(process.attributes).toMatchObject({
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.consumer.group.name': expect.stringMatching(/-traced$/),
    'cloudevents.event_type': 'freshet.eventing.single.v1',
  })
  expect(effect.parentSpanId).toBe(process.spanId)
})

test('a batch shows in the trace of each of its events, and links with all', () => {
  const batch = only(spans.filter(({ name }) => name === `process batch ${topic}`))
  const own = [1, 2, 3].map((number) => only(spans.filter(({ name }) => name === `write ${number}`)))
  const processed = own.map(({ traceId }) =>
    only(spans.filter((span) => span.traceId === traceId && span.name === `process ${topic}`)),
  )
  expect(batch.links.map(({ spanId }) => spanId).sort()).toEqual(processed.map(({ spanId }) => spanId).sort())
  expect(batch.attributes).toMatchObject({ 'messaging.batch.message_count': 3 })
})

test('the kafkajs instrumentation adds no second set of spans', () => {
  const names = spans.map(({ name }) => name).filter((name) => name.includes(topic))
  expect(names.filter((name) => name === `send ${topic}`)).toHaveLength(4)
  expect(names.filter((name) => name === `process ${topic}`)).toHaveLength(4)
  expect(names.filter((name) => name.startsWith('poll'))).toEqual([])
})

test('counts what was published and consumed, and how old events were', () => {
  for (const line of [
    /freshet_events_published_total\{[^}]*\} 4\b/,
    /freshet_events_consumed_total\{[^}]*outcome="done"[^}]*\} 4\b/,
    /freshet_outbox_pending\{[^}]*\} 0\b/,
    /freshet_outbox_oldest_seconds\{/,
    /freshet_events_age(_seconds)?_bucket\{/,
    /freshet_outbox_delay(_seconds)?_bucket\{/,
    /freshet_events_handler_duration(_seconds)?_bucket\{/,
    /freshet_events_consumer_lag\{/,
  ]) {
    expect(metrics.match(/^freshet_.*$/gm)?.join('\n')).toMatch(line)
  }
})

test('says nothing on the console or in the log when all is well', () => {
  expect(log).toBe('')
  expect(metrics).not.toMatch(/^\{"level"/m)
})
