import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import {
  appendEvents,
  createConsumer,
  createEventOperations,
  createOutboxRelay,
  newEvent,
  type ObservedMessage,
  on,
  parkedEvents,
  retryParked,
  UndeclaredTopicError,
} from '../src/index.ts'
import { eventsDatabase, eventTopic, kafkaBus, logger, publish } from './harness.ts'

const bus = kafkaBus()
const operations = createEventOperations({ brokers: parts().kafkaBrokers, clientId: 'events-test', logger })
let topic: Awaited<ReturnType<typeof eventTopic>>

beforeAll(async () => {
  topic = await eventTopic()
})
afterAll(async () => {
  await bus.close()
  await operations.close()
  await topic.close()
})

test('lists dead letters, replays them to the group that failed, and to no other', async () => {
  const { counted, service, group } = topic
  let broken = true
  const effects: Record<string, number[]> = { failing: [], healthy: [] }
  const failing = createConsumer({
    bus,
    service,
    group,
    logger,
    attempts: 1,
    handlers: [
      on(counted, async ({ data }) => {
        if (broken && data.number % 2 === 0) throw new Error('even numbers fail')
        effects.failing!.push(data.number)
      }),
    ],
  })
  const healthy = createConsumer({
    bus,
    service,
    group: `${group}-healthy`,
    logger,
    handlers: [on(counted, async ({ data }) => void effects.healthy!.push(data.number))],
  })
  await Promise.all([failing.start(), healthy.start()])
  await publish(
    bus,
    service,
    [1, 2, 3, 4].map((number) => newEvent(counted, { counter: 'a', number })),
  )
  await eventually(() => expect(effects).toEqual({ failing: [1, 3], healthy: [1, 2, 3, 4] }))
  const letters = await eventually(async () => {
    const found = await operations.deadLetters(service)
    expect(found).toHaveLength(2)
    return found
  })
  expect(
    letters.map(({ event, failure, replayed }) => [event?.data, failure.error, failure.group, replayed]),
  ).toEqual([
    [{ counter: 'a', number: 2 }, 'even numbers fail', group, false],
    [{ counter: 'a', number: 4 }, 'even numbers fail', group, false],
  ])

  broken = false
  const [first] = letters
  const one = await operations.replay(service, {
    only: { partition: first!.message.partition, offset: first!.message.offset },
  })
  expect(one).toHaveLength(1)
  await eventually(() => expect(effects.failing).toEqual([1, 3, 2]))
  const rest = await operations.replay(service)
  expect(rest).toHaveLength(2)
  await eventually(() => expect(effects.failing).toEqual([1, 3, 2, 2, 4]))
  expect(await operations.replay(service)).toEqual([])
  expect((await operations.deadLetters(service)).map(({ replayed }) => replayed)).toEqual([true, true])
  await eventually(async () =>
    expect(await bus.lag(`${group}-healthy`, [topic.topic])).toMatchObject([{ lag: 0 }]),
  )
  expect(effects.healthy).toEqual([1, 2, 3, 4])
  await Promise.all([failing.close(), healthy.close()])
})

test('shows the lag of every group', async () => {
  const lags = await operations.lag()
  expect(lags.filter(({ group }) => /^freshet-|replayed$/.test(group))).toEqual([])
  expect(lags.filter(({ topic: name }) => name === topic.topic)).toMatchObject([
    { group: topic.group, lag: 0 },
    { group: `${topic.group}-healthy`, lag: 0 },
  ])
  await publish(bus, topic.service, [newEvent(topic.counted, { counter: 'b', number: 1 })])
  const later = await operations.lag()
  expect(later.find(({ group }) => group === topic.group)).toMatchObject({ lag: 1 })
})

test('shows a group that has not committed anything yet', async () => {
  const group = `${topic.group}-stuck`
  const reached = Promise.withResolvers<void>()
  const subscription = await bus.subscribe({
    group,
    topics: [topic.topic],
    fromBeginning: true,
    // It does nothing, and says of nothing that it is done.
    handle: async () => reached.resolve(),
  })
  await reached.promise
  const lags = (await operations.lag()).filter((one) => one.group === group)
  expect(lags).toMatchObject([{ topic: topic.topic, lag: expect.any(Number) }])
  expect(lags[0]!.lag).toBeGreaterThan(0)
  expect(lags[0]!.partitions.map(({ committed }) => committed)).toEqual(lags[0]!.partitions.map(() => null))
  await subscription.close()
})

test('shows the lag of a group whose members join, of which Kafka tells nothing', async () => {
  const group = `${topic.group}-joining`
  const kafka = new Kafka({ brokers: parts().kafkaBrokers, logLevel: logLevel.NOTHING })
  await publish(bus, topic.service, [newEvent(topic.counted, { counter: 'c', number: 1 })])
  const admin = kafka.admin()
  await admin.connect()
  await admin.setOffsets({
    groupId: group,
    topic: topic.topic,
    partitions: [{ partition: 0, offset: '0' }],
  })
  const [hanging, joining] = [0, 1].map(() => kafka.consumer({ groupId: group }))
  const reached = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  let joins: Promise<void> | undefined
  try {
    for (const consumer of [hanging!, joining!]) {
      await consumer.connect()
      await consumer.subscribe({ topic: topic.topic, fromBeginning: true })
    }
    const eachBatch = () => {
      reached.resolve()
      return held.promise
    }
    await hanging!.run({ eachBatchAutoResolve: false, eachBatch })
    await reached.promise
    // Who is busy does not hear that another one joins, which waits for it.
    joins = joining!.run({ eachBatchAutoResolve: false, eachBatch })
    await eventually(async () => {
      const { groups } = await admin.describeGroups([group])
      expect(groups[0]!.members.map(({ memberMetadata }) => memberMetadata.length)).toContain(0)
    })
    const lags = await operations.lag()
    expect(lags.filter((one) => one.group === group)).toMatchObject([{ topic: topic.topic }])
  } finally {
    held.resolve()
    await joins
    await Promise.all([hanging!.disconnect(), joining!.disconnect()])
    await admin.disconnect()
  }
})

test('tails a topic, unreadable messages too', async () => {
  const stop = new AbortController()
  const seen: ObservedMessage[] = []
  const tail = operations.tail({
    topic: topic.topic,
    fromBeginning: true,
    signal: stop.signal,
    show: (one) => void seen.push(one),
  })
  await eventually(() => expect(seen.length).toBeGreaterThan(4))
  await bus.publish([{ topic: topic.topic, key: 'x', value: 'not an event' }])
  await eventually(() => expect(seen.at(-1)).toMatchObject({ event: null, message: { key: 'x' } }))
  expect(seen[0]?.event?.type).toBe(topic.counted.type)
  stop.abort()
  await tail
})

test('a service without a dead-letter topic is an error that says so', async () => {
  await expect(operations.deadLetters('nobody')).rejects.toThrow(UndeclaredTopicError)
})

test('an event that Kafka refuses is parked, holds up nothing, and goes out when its cause is gone', async () => {
  const database = await eventsDatabase()
  const small = await eventTopic({ partitions: 1, config: { 'max.message.bytes': '20000' } })
  const { counted, service } = small
  const received: [string, number][] = []
  const subscription = await bus.subscribe({
    group: small.group,
    topics: [small.topic],
    async handle({ messages, done }) {
      for (const message of messages) {
        const { data } = JSON.parse(message.value!.toString()) as {
          data: { counter: string; number: number }
        }
        received.push([data.counter, data.number])
        done(message)
      }
    },
  })
  const relay = createOutboxRelay({ url: database.url, service, bus, logger, maxAttempts: 3, retryMs: 100 })
  relay.start()
  await database.db
    .transaction()
    .execute((trx) =>
      appendEvents(trx, service, [
        newEvent(counted, { counter: 'a', number: 1 }),
        newEvent(counted, { counter: 'big', number: 2, note: 'x'.repeat(30_000) }),
        newEvent(counted, { counter: 'big', number: 3 }),
        newEvent({ ...counted, topic: `${service}.undeclared` }, { counter: 'a', number: 4 }),
        newEvent(counted, { counter: 'a', number: 5 }),
      ]),
    )
  relay.wake()
  await eventually(async () => expect(await parkedEvents(database.url)).toHaveLength(2))
  await relay.drained({ timeoutMs: 60_000 })
  // Others are not held up; the next event of the same key waits until the first is parked.
  await eventually(() =>
    expect(received).toEqual([
      ['a', 1],
      ['a', 5],
      ['big', 3],
    ]),
  )
  const parked = await parkedEvents(database.url)
  expect(parked).toMatchObject([
    { key: 'big', attempts: 3, lastError: expect.stringMatching(/refused/) },
    { topic: `${service}.undeclared`, attempts: 3, lastError: expect.stringMatching(/service\.json/) },
  ])
  await database.db
    .updateTable('outbox')
    .set({ topic: small.topic })
    .where('topic', 'like', '%undeclared')
    .execute()
  expect(await retryParked(database.url, [parked[1]!.seq])).toBe(1)
  relay.wake()
  await eventually(() => expect(received.at(-1)).toEqual(['a', 4]))
  expect(await parkedEvents(database.url)).toHaveLength(1)
  await relay.close()
  await subscription.close()
  await small.close()
  await database.close()
})
