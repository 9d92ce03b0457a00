import { spawn } from 'node:child_process'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createConsumer, createKafkaBus, newEvent, on, once } from '../src/index.ts'
import { wait } from '../src/wait.ts'
import { eventsDatabase, eventTopic, kafkaBus, logger, publish } from './harness.ts'

let database: Awaited<ReturnType<typeof eventsDatabase>>
/** The shortest that a broker allows: here consumers are lost. */
const bus = kafkaBus({ sessionTimeoutMs: 6000 })
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  database = await eventsDatabase()
})
afterAll(async () => {
  await bus.close()
  for (const part of opened) await part.close()
  await database.close()
})

async function setUp(partitions = 4) {
  const topic = await eventTopic({ partitions })
  opened.push(topic)
  const send = (numbers: readonly number[]) =>
    publish(
      bus,
      topic.service,
      numbers.map((number) => newEvent(topic.counted, { counter: `counter-${number % 50}`, number })),
    )
  return { ...topic, send }
}

test('an effect that takes longer than the session is not taken away from its consumer', async () => {
  const topic = await setUp(1)
  const started: number[] = []
  const done: number[] = []
  const consumer = createConsumer({
    bus,
    service: topic.service,
    group: topic.group,
    logger,
    handlers: [
      on(topic.counted, async ({ data }, { signal }) => {
        started.push(data.number)
        // The session is 6 s.
        if (data.number === 1) await wait(8000, signal)
        done.push(data.number)
      }),
    ],
  })
  await consumer.start()
  await topic.send([1, 2])
  await eventually(() => expect(done).toEqual([1, 2]), { timeoutMs: 60_000 })
  expect(started).toEqual([1, 2])
  await eventually(async () => expect(await bus.lag(topic.group, [topic.topic])).toMatchObject([{ lag: 0 }]))
  await consumer.close()
})

test('the partitions of a killed process are taken over, and nothing is lost', async () => {
  const topic = await setUp()
  const handled = new Set<number>()
  const child = spawn(
    process.execPath,
    [
      new URL('consumer-process.ts', import.meta.url).pathname,
      topic.service,
      topic.group,
      topic.topic,
      parts().kafkaBrokers.join(','),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', (text) => {
    output += String(text)
  })
  await eventually(() => expect(output).toMatch(/ready/))
  const consumer = createConsumer({
    bus,
    service: topic.service,
    group: topic.group,
    logger,
    handlers: [on(topic.counted, async ({ data }) => void handled.add(data.number))],
  })
  await consumer.start()
  await consumer.ready()
  // Both have partitions.
  await eventually(async () => {
    await topic.send(Array.from({ length: 50 }, (_, index) => index))
    expect(handled.size).toBeGreaterThan(0)
    expect(output.split('\n').length).toBeGreaterThan(2)
  })
  child.kill('SIGKILL')
  const killedAt = Date.now()
  const numbers = Array.from({ length: 200 }, (_, index) => 1000 + index)
  await topic.send(numbers)
  await eventually(
    () =>
      expect(numbers.filter((number) => !handled.has(number) && !output.includes(`${number}\n`))).toEqual([]),
    { timeoutMs: 60_000 },
  )
  const tookMs = Date.now() - killedAt
  process.stderr.write(`failover took ${(tookMs / 1000).toFixed(1)} s\n`)
  await consumer.close()
})

test('consumers that come and go have each effect exactly once', async () => {
  const topic = await setUp(6)
  const start = async () => {
    const own = createKafkaBus({
      brokers: parts().kafkaBrokers,
      clientId: 'coming-and-going',
      logger,
      sessionTimeoutMs: 6000,
    })
    const consumer = createConsumer({
      bus: own,
      service: topic.service,
      group: topic.group,
      logger,
      handlers: [
        on(topic.counted, async ({ id, data }, { consumer }) => {
          await database.db.transaction().execute(async (trx) => {
            if (await once(trx, consumer, id)) {
              await trx.insertInto('effects').values({ id: topic.group, number: data.number }).execute()
            }
          })
        }),
      ],
    })
    await consumer.start()
    return {
      async close() {
        await consumer.close()
        await own.close()
      },
    }
  }
  const total = 3000
  const running = [await start()]
  const sending = (async () => {
    for (let first = 0; first < total; first += 100) {
      await topic.send(Array.from({ length: 100 }, (_, index) => first + index))
      await wait(60)
    }
  })()
  for (let round = 0; round < 3; round++) {
    running.push(await start())
    await wait(400)
    await running.shift()!.close()
    await wait(200)
  }
  await sending
  await eventually(
    async () => expect(await bus.lag(topic.group, [topic.topic])).toMatchObject([{ lag: 0 }]),
    { timeoutMs: 60_000 },
  )
  const rows = await database.db
    .selectFrom('effects')
    .select('number')
    .where('id', '=', topic.group)
    .execute()
  expect(rows.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: total }, (_, index) => index),
  )
  for (const one of running) await one.close()
})
