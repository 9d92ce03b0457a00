import { eventually, type FaultProxy, parts, startFaultProxy } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import {
  appendEvents,
  BusUnavailableError,
  createConsumer,
  createKafkaBus,
  createOutboxRelay,
  type EventBus,
  newEvent,
  on,
  publishEvents,
} from '../src/index.ts'
import { wait } from '../src/wait.ts'
import { eventsDatabase, eventTopic, kafkaBus, logger } from './harness.ts'

let database: Awaited<ReturnType<typeof eventsDatabase>>
let topic: Awaited<ReturnType<typeof eventTopic>>
let proxy: FaultProxy
/** Reaches Kafka through the proxy. */
let shaky: EventBus
const steady = kafkaBus()
const warnings: string[] = []

beforeAll(async () => {
  database = await eventsDatabase()
  topic = await eventTopic({ partitions: 1 })
  proxy = await startFaultProxy({ target: parts().kafkaBrokers[0]!, protocol: 'kafka' })
  shaky = createKafkaBus({
    brokers: [proxy.address],
    clientId: 'shaky',
    logger,
    sessionTimeoutMs: 6000,
    // As in production, in a tenth of the time: some 0.6 s in all.
    retry: { initialRetryTime: 20, multiplier: 2, factor: 0.2, maxRetryTime: 300, retries: 5 },
  })
})
afterAll(async () => {
  await Promise.all([shaky.close(), steady.close()])
  await proxy.close()
  await topic.close()
  await database.close()
})

test('loses nothing and keeps the order while Kafka and its answers come and go', async () => {
  const { counted, service, group } = topic
  const arrived: number[] = []
  const subscription = await steady.subscribe({
    group,
    topics: [topic.topic],
    async handle({ messages, done }) {
      for (const message of messages) {
        arrived.push((JSON.parse(message.value!.toString()) as { data: { number: number } }).data.number)
        done(message)
      }
    },
  })
  const relay = createOutboxRelay({ url: database.url, service, bus: shaky, logger, batchSize: 20 })
  relay.start()
  let written = 0
  const calm = new AbortController()
  const writing = (async () => {
    for (; !calm.signal.aborted; await wait(2)) {
      const numbers = [written + 1, written + 2, written + 3]
      written += 3
      await database.db.transaction().execute((trx) =>
        appendEvents(
          trx,
          service,
          numbers.map((number) => newEvent(counted, { counter: 'a', number })),
        ),
      )
      relay.wake()
    }
  })()
  // Short cuts, which kafkajs mends by itself, and long ones, after which it gives up.
  for (const outageMs of [20, 80, 1500, 40, 1200, 60]) {
    await wait(200)
    proxy.set('half-open')
    await wait(40)
    proxy.set('cut')
    await wait(outageMs)
    proxy.set('pass')
  }
  calm.abort()
  await writing
  await relay.drained({ timeoutMs: 60_000 })
  await eventually(() => expect(new Set(arrived).size).toBe(written), { timeoutMs: 60_000 })
  const firsts = [...new Set(arrived)]
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
  process.stderr.write(`${written} events, ${arrived.length - written} duplicates\n`)
  await relay.close()
  await subscription.close()
})

test('a message after a send whose answer was lost is stored, not taken for a repetition of that one', async () => {
  const publish = (value: string) => shaky.publish([{ topic: topic.topic, key: 'd', value }])
  const values: string[] = []
  const subscription = await steady.subscribe({
    group: `${topic.group}-answers`,
    topics: [topic.topic],
    async handle({ messages, done }) {
      values.push(...messages.map(({ value }) => value!.toString()))
      done(messages.at(-1)!)
    },
  })
  await publish('before')
  proxy.set('half-open')
  const lost = publish('answer lost')
  lost.catch(() => {})
  // It is stored; only its answer is not there.
  await eventually(() => expect(values.at(-1)).toBe('answer lost'))
  proxy.set('cut')
  await expect(lost).rejects.toThrow(BusUnavailableError)
  proxy.set('pass')
  await publish('after')
  await publish('last')
  await eventually(() => expect(values.at(-1)).toBe('last'))
  expect(values.slice(values.indexOf('before'))).toEqual(['before', 'answer lost', 'after', 'last'])
  await subscription.close()
})

test('a message that is published while another one is repeated is stored, not taken for that one', async () => {
  const publish = (value: string) => shaky.publish([{ topic: topic.topic, key: 'e', value }])
  const values: string[] = []
  const subscription = await steady.subscribe({
    group: `${topic.group}-repeated`,
    topics: [topic.topic],
    async handle({ messages, done }) {
      values.push(...messages.filter(({ key }) => key === 'e').map(({ value }) => value!.toString()))
      done(messages.at(-1)!)
    },
  })
  await publish('before')
  for (let round = 1; round <= 3; round++) {
    proxy.set('half-open')
    const sent = [
      publish(`repeated ${round}`),
      publish(`meanwhile ${round}`),
      publish(`meanwhile too ${round}`),
    ]
    await eventually(() => expect(values.at(-1)).toBe(`repeated ${round}`))
    proxy.set('cut')
    proxy.set('pass')
    await Promise.all(sent)
  }
  await publish('last')
  await eventually(() => expect(values.at(-1)).toBe('last'))
  const expected = [1, 2, 3].flatMap((round) => [
    `repeated ${round}`,
    `meanwhile ${round}`,
    `meanwhile too ${round}`,
  ])
  expect(values).toEqual(['before', ...expected, 'last'])
  await subscription.close()
})

test('a publisher that somebody waits for hears that Kafka is away, and the next ones without asking it', async () => {
  const own = await eventTopic({ partitions: 1 })
  const { counted, service } = own
  const publish = () => publishEvents(shaky, service, [newEvent(counted, { counter: 'c', number: 1 })])
  // A busy Kafka may be later than its deadline.
  await eventually(publish, { timeoutMs: 60_000 })
  proxy.set('cut')
  await expect(publish()).rejects.toThrow(BusUnavailableError)
  const told: string[] = []
  for (let time = 1; time <= 20; time++) {
    const refusal = await publish().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(BusUnavailableError)
    told.push((refusal as Error).message)
  }
  // After a second's rest one of them may ask.
  expect(told).toContain('Kafka is unavailable: it failed a moment ago')
  proxy.set('pass')
  await eventually(publish, { timeoutMs: 60_000 })
  await own.close()
})

test('keeps events in the outbox while Kafka is away, without a warning for each try', async () => {
  const { counted, service } = topic
  let tries = 0
  const relay = createOutboxRelay({
    url: database.url,
    service,
    bus: {
      ...shaky,
      publish(...sent) {
        tries++
        return shaky.publish(...sent)
      },
    },
    logger: {
      ...logger,
      child: () => ({
        ...logger,
        warn: (_: unknown, text: string) => void warnings.push(text),
        info() {},
        debug() {},
      }),
    } as never,
  })
  proxy.set('cut')
  relay.start()
  await database.db
    .transaction()
    .execute((trx) => appendEvents(trx, service, [newEvent(counted, { counter: 'b', number: 1 })]))
  await eventually(() => expect(tries).toBeGreaterThan(4), { timeoutMs: 60_000 })
  expect(warnings).toEqual(['Kafka takes no events; they stay in the outbox'])
  const { rows } = await sql`select attempts from outbox`.execute(database.db)
  expect(rows).toEqual([{ attempts: 0 }])
  await expect(shaky.ping()).rejects.toThrow(BusUnavailableError)
  proxy.set('pass')
  await relay.drained({ timeoutMs: 60_000 })
  await shaky.ping()
  await relay.close()
})

test('a consumer that starts while Kafka is away, and loses it again, goes on by itself', async () => {
  const { counted, service, group } = topic
  const done: number[] = []
  proxy.set('cut')
  const consumer = createConsumer({
    bus: shaky,
    service,
    group: `${group}-late`,
    logger,
    handlers: [on(counted, async ({ data }) => void (data.counter === 'c' && done.push(data.number)))],
  })
  await consumer.start()
  const send = (number: number) =>
    steady.publish([
      {
        topic: topic.topic,
        key: 'c',
        value: JSON.stringify({
          specversion: '1.0',
          id: `c-${number}`,
          source: 'urn:test',
          type: counted.type,
          subject: 'c',
          time: new Date().toISOString(),
          data: { counter: 'c', number },
        }),
      },
    ])
  await send(1)
  proxy.set('pass')
  await eventually(() => expect(done).toEqual([1]), { timeoutMs: 60_000 })
  const before = proxy.counts().connections
  proxy.set('cut')
  await send(2)
  // It has noticed, and tries in vain.
  await eventually(() => expect(proxy.counts().connections).toBeGreaterThan(before + 3), {
    timeoutMs: 60_000,
  })
  proxy.set('pass')
  await eventually(() => expect(new Set(done)).toEqual(new Set([1, 2])), { timeoutMs: 60_000 })
  await consumer.close()
})
