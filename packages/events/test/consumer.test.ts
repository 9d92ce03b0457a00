import { createHash } from 'node:crypto'
import { eventually, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import {
  type CloudEvent,
  createConsumer,
  deadLetterTopic,
  defineReading,
  type EventBus,
  type IncomingMessage,
  newEvent,
  on,
  onBatch,
  once,
  onceMany,
  UndeclaredTopicError,
} from '../src/index.ts'
import { eventsDatabase, eventTopic, kafkaBus, logger, publish } from './harness.ts'

let database: Awaited<ReturnType<typeof eventsDatabase>>
const bus = kafkaBus()
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  database = await eventsDatabase()
})
afterAll(async () => {
  await bus.close()
  for (const part of opened) await part.close()
  await database.close()
})

async function setUp(options?: Parameters<typeof eventTopic>[0]) {
  const topic = await eventTopic({ partitions: 1, ...options })
  opened.push(topic)
  const letters: IncomingMessage[] = []
  await bus.subscribe({
    group: uniqueName('letters'),
    topics: [deadLetterTopic(topic.service)],
    async handle(delivery) {
      letters.push(...delivery.messages)
      delivery.done(delivery.messages.at(-1)!)
    },
  })
  const send = (...numbers: number[]) =>
    publish(
      bus,
      topic.service,
      numbers.map((number) => newEvent(topic.counted, { counter: 'a', number })),
    )
  return { ...topic, letters, send }
}

const consumerOf = (
  topic: { service: string; group: string },
  handlers: Parameters<typeof createConsumer>[0]['handlers'],
  more = {},
) =>
  createConsumer({ bus, service: topic.service, group: topic.group, logger, handlers, retryMs: 5, ...more })

test('sends poison to the dead letters with its bytes and its origin, and goes on with the next message', async () => {
  const topic = await setUp()
  const done: number[] = []
  let tries = 0
  const consumer = consumerOf(topic, [
    on(topic.counted, async ({ data }) => {
      if (data.number === 2) {
        tries++
        throw Object.assign(new Error('two is\nnot a number I like'), { code: 'ODD_TASTE' })
      }
      done.push(data.number)
    }),
  ])
  await consumer.start()
  const [, poison] = await topic.send(1, 2, 3)
  await eventually(() => expect(done).toEqual([1, 3]))
  await eventually(() => expect(topic.letters).toHaveLength(1))
  expect(tries).toBe(3)
  const [letter] = topic.letters
  expect(letter?.value?.toString()).toBe(JSON.stringify(poison))
  expect(letter?.key).toBe('a')
  expect(letter?.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=UTF-8',
    'freshet-dead-letter-reason': 'failed',
    'freshet-dead-letter-error': 'two is not a number I like',
    'freshet-dead-letter-code': 'ODD_TASTE',
    'freshet-dead-letter-topic': topic.topic,
    'freshet-dead-letter-partition': '0',
    'freshet-dead-letter-offset': '1',
    'freshet-dead-letter-group': topic.group,
    'freshet-dead-letter-attempts': '3',
  })
  // The offset is committed a moment after the effect that the test has seen.
  await eventually(async () => {
    expect(await bus.lag(topic.group, [topic.topic])).toMatchObject([{ lag: 0 }])
  })
  await consumer.close()
})

test('leaves a stub of a message that is too large for a dead letter, and goes on with the next one', async () => {
  const topic = await setUp({ config: { 'max.message.bytes': '200000' } })
  const done: number[] = []
  const warned: string[] = []
  const told = { ...logger, warn: (_: unknown, text: string) => void warned.push(text) }
  const consumer = consumerOf(
    topic,
    [
      on(topic.counted, async ({ data }) => {
        if (data.number === 1) throw new Error('x'.repeat(900))
        done.push(data.number)
      }),
    ],
    { logger: { ...told, child: () => told } },
  )
  await consumer.start()
  const [sent] = await publish(bus, topic.service, [
    newEvent(topic.counted, { counter: 'a', number: 1, note: 'ü'.repeat(99_600) }),
  ])
  await topic.send(2)
  const value = Buffer.from(JSON.stringify(sent))
  await eventually(() => expect(done).toEqual([2]))
  await eventually(() => expect(topic.letters).toHaveLength(1))
  expect(topic.letters[0]!.value).toEqual(value.subarray(0, 65_536))
  const { headers } = topic.letters[0]!
  expect(headers).toMatchObject({
    'freshet-dead-letter-topic': topic.topic,
    'freshet-dead-letter-offset': '0',
    'freshet-dead-letter-bytes': String(value.length),
    'freshet-dead-letter-sha256': createHash('sha256').update(value).digest('hex'),
  })
  expect(Object.keys(headers)).not.toContain('content-type')
  expect(warned).toEqual([])
  await consumer.close()
})

test('sends what it cannot read to the dead letters without a try, after telling the consumer', async () => {
  const topic = await setUp()
  const told: string[] = []
  const done: number[] = []
  const consumer = consumerOf(topic, [on(topic.counted, async ({ data }) => void done.push(data.number))], {
    onUnreadable: async (message: IncomingMessage) => void told.push(message.value!.toString()),
  })
  await consumer.start()
  const [good] = await topic.send(1)
  const wrong = JSON.stringify({ ...good, data: { counter: 'a', number: 'two' } })
  await bus.publish(
    ['not json', '{"specversion":"0.3"}', wrong].map((value) => ({ topic: topic.topic, key: 'a', value })),
  )
  await topic.send(4)
  await eventually(() => expect(done).toEqual([1, 4]))
  await eventually(() => expect(topic.letters).toHaveLength(3))
  expect(told).toEqual(['not json', '{"specversion":"0.3"}', wrong])
  expect(topic.letters.map(({ headers }) => headers['freshet-dead-letter-code'])).toEqual([
    'EVENT_NOT_JSON',
    'EVENT_NOT_CLOUDEVENT',
    'EVENT_DATA_INVALID',
  ])
  expect(topic.letters[2]?.headers['freshet-dead-letter-error']).toMatch(/data\.number/)
  await consumer.close()
})

test('skips events of types that it has no handler for, and tombstones', async () => {
  const topic = await setUp()
  const done: number[] = []
  const consumer = consumerOf(topic, [on(topic.counted, async ({ data }) => void done.push(data.number))])
  await consumer.start()
  const [event] = await topic.send(1)
  const unknown = JSON.stringify({ ...event, type: 'freshet.eventing.invented-later.v1' })
  await bus.publish([
    { topic: topic.topic, key: 'a', value: unknown },
    { topic: topic.topic, key: 'a', value: null },
  ])
  await topic.send(2)
  await eventually(() => expect(done).toEqual([1, 2]))
  expect(topic.letters).toEqual([])
  await consumer.close()
})

test('an outage of the database postpones events, however long, and makes no dead letters', async () => {
  const topic = await setUp()
  const done: number[] = []
  let down = true
  let tries = 0
  const consumer = consumerOf(
    topic,
    [
      on(topic.counted, async ({ data }) => {
        tries++
        if (down)
          throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' })
        done.push(data.number)
      }),
    ],
    { pauseMs: { first: 10, longest: 50 } },
  )
  await consumer.start()
  await topic.send(1, 2, 3, 4, 5)
  await eventually(() => expect(tries).toBeGreaterThan(8))
  expect(await bus.lag(topic.group, [topic.topic])).toMatchObject([{ lag: 5 }])
  down = false
  await eventually(() => expect(done).toEqual([1, 2, 3, 4, 5]))
  expect(topic.letters).toEqual([])
  await consumer.close()
})

test('a real connection that PostgreSQL ends counts as an outage', async () => {
  const topic = await setUp()
  let broken = 3
  const done: number[] = []
  const consumer = consumerOf(
    topic,
    [
      on(topic.counted, async ({ data }) => {
        await database.db.transaction().execute(async (trx) => {
          await trx.insertInto('effects').values({ id: 'outage', number: data.number }).execute()
          if (broken-- > 0)
            await trx
              .selectNoFrom((build) =>
                build.fn('pg_terminate_backend', [build.fn('pg_backend_pid')]).as('ended'),
              )
              .execute()
        })
        done.push(data.number)
      }),
    ],
    { pauseMs: { first: 10, longest: 50 }, attempts: 1 },
  )
  await consumer.start()
  await topic.send(1, 2)
  await eventually(() => expect(done).toEqual([1, 2]))
  const rows = await database.db.selectFrom('effects').select('number').where('id', '=', 'outage').execute()
  expect(rows.map(({ number }) => number)).toEqual([1, 2])
  expect(topic.letters).toEqual([])
  await consumer.close()
})

test('contention postpones an event, but not for ever', async () => {
  const topic = await setUp()
  const done: number[] = []
  const consumer = consumerOf(
    topic,
    [
      on(topic.counted, async ({ data }) => {
        if (data.number === 1)
          throw Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })
        done.push(data.number)
      }),
    ],
    { pauseMs: { first: 5, longest: 10 }, maxPostponements: 4 },
  )
  await consumer.start()
  await topic.send(1, 2)
  await eventually(() => expect(done).toEqual([2]))
  await eventually(() => expect(topic.letters).toHaveLength(1))
  await consumer.close()
})

test('a message is not done while its dead letter cannot be written', async () => {
  const topic = await setUp()
  let refusals = 3
  const broken: EventBus = {
    ...bus,
    async publish(messages) {
      if (refusals-- > 0) throw Object.assign(new Error('broker away'), { code: 'ECONNRESET' })
      await bus.publish(messages)
    },
  }
  const done: number[] = []
  const consumer = consumerOf(
    topic,
    [
      on(topic.counted, async ({ data }) => {
        if (data.number === 1) throw new Error('poison')
        done.push(data.number)
      }),
    ],
    { bus: broken, pauseMs: { first: 10, longest: 20 } },
  )
  await consumer.start()
  await topic.send(1, 2)
  await eventually(() => expect(done).toEqual([2]))
  expect(refusals).toBeLessThan(0)
  await eventually(() => expect(topic.letters).toHaveLength(1))
  await consumer.close()
})

test('an event that is delivered twice has its effect once', async () => {
  const topic = await setUp()
  const marks: boolean[] = []
  const consumer = consumerOf(topic, [
    on(topic.counted, async ({ id, data }, { consumer }) => {
      await database.db.transaction().execute(async (trx) => {
        const first = await once(trx, consumer, id)
        marks.push(first)
        if (first) await trx.insertInto('effects').values({ id: 'twice', number: data.number }).execute()
      })
    }),
  ])
  await consumer.start()
  const [event] = await topic.send(7)
  await bus.publish([{ topic: topic.topic, key: 'a', value: JSON.stringify(event) }])
  await eventually(() => expect(marks).toEqual([true, false]))
  const rows = await database.db.selectFrom('effects').select('number').where('id', '=', 'twice').execute()
  expect(rows).toEqual([{ number: 7 }])
  await consumer.close()
})

test('a batch has one effect for many events, counts duplicates once, and isolates poison', async () => {
  const topic = await setUp()
  const batches: number[] = []
  const handler = onBatch(
    topic.counted,
    async (events: readonly CloudEvent<{ number: number }>[], { consumer }) => {
      batches.push(events.length)
      await database.db.transaction().execute(async (trx) => {
        const fresh = await onceMany(
          trx,
          consumer,
          events.map(({ id }) => id),
        )
        const counted = events.filter(({ id }) => fresh.has(id))
        if (counted.some(({ data }) => data.number === 13)) throw new Error('unlucky')
        if (counted.length === 0) return
        await trx
          .insertInto('effects')
          .values(counted.map(({ data }) => ({ id: 'batch', number: data.number })))
          .execute()
      })
    },
    { maxEvents: 50 },
  )
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
  const [first] = await topic.send(...numbers)
  await bus.publish([{ topic: topic.topic, key: 'a', value: JSON.stringify(first) }])
  const consumer = consumerOf(topic, [handler])
  await consumer.start()
  await eventually(() => expect(topic.letters).toHaveLength(1))
  await eventually(async () => expect(await bus.lag(topic.group, [topic.topic])).toMatchObject([{ lag: 0 }]))
  const rows = await database.db
    .selectFrom('effects')
    .select('number')
    .where('id', '=', 'batch')
    .orderBy('number')
    .execute()
  expect(rows.map(({ number }) => number)).toEqual(numbers.filter((number) => number !== 13))
  // One batch of 50 that fails, its 50 events alone (13 three times), a batch of 50, and the duplicate.
  expect(batches[0]).toBe(50)
  expect(batches.filter((size) => size > 1)).toHaveLength(2)
  await consumer.close()
})

test('a topic or a dead-letter topic that nobody declared is an error that says where to declare it', async () => {
  const topic = await setUp()
  const missing = defineReading({
    type: 'freshet.nobody.nothing-happened.v1',
    topic: uniqueName('nobody'),
    data: z.object({}),
  })
  const consumer = consumerOf(topic, [on(missing, async () => {})])
  await expect(consumer.start()).rejects.toThrow(UndeclaredTopicError)
  const publish = bus.publish([{ topic: missing.topic, key: 'a', value: '{}' }])
  await expect(publish).rejects.toThrow(/does not exist.*service\.json/)
  await expect(publish).rejects.toMatchObject({ code: 'TOPIC_UNDECLARED', topic: missing.topic })
  const stranger = consumerOf({ service: uniqueName('stranger'), group: topic.group }, [
    on(topic.counted, async () => {}),
  ])
  await expect(stranger.start()).rejects.toThrow(/dead-letters/)
  await Promise.all([consumer.close(), stranger.close()])
})

test('two handlers of one type are refused', () => {
  const reading = defineReading({ type: 'freshet.a.b.v1', topic: 'a.b', data: z.object({}) })
  const handlers = [on(reading, async () => {}), on(reading, async () => {})]
  expect(() => consumerOf({ service: 's', group: 'g' }, handlers)).toThrow(
    /Two handlers for freshet\.a\.b\.v1/,
  )
})
