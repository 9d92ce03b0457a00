import { spawn } from 'node:child_process'
import { once as onceEmitted } from 'node:events'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import pg from 'pg'
import { appendEvents, createOutboxRelay, newEvent, readEnvelope, type Subscription } from '../src/index.ts'
import { wait } from '../src/wait.ts'
import { eventsDatabase, eventTopic, kafkaBus, logger } from './harness.ts'

let database: Awaited<ReturnType<typeof eventsDatabase>>
let topic: Awaited<ReturnType<typeof eventTopic>>
let subscription: Subscription
const bus = kafkaBus()
/** What arrived, by counter, in order, duplicates included. */
const arrived = new Map<string, number[]>()
const ids = new Set<string>()
let messages = 0

beforeAll(async () => {
  database = await eventsDatabase()
  await sql`create table counters (name text primary key, number integer not null)`.execute(database.db)
})
beforeEach(async () => {
  topic = await eventTopic()
  arrived.clear()
  ids.clear()
  messages = 0
  subscription = await bus.subscribe({
    group: topic.group,
    topics: [topic.topic],
    async handle({ messages: batch, done }) {
      for (const message of batch) {
        const event = readEnvelope(message.value!)
        const { counter, number } = event.data as { counter: string; number: number }
        const numbers = arrived.get(counter) ?? []
        arrived.set(counter, numbers)
        numbers.push(number)
        ids.add(event.id)
        messages++
        done(message)
      }
    },
  })
})
afterAll(async () => {
  await bus.close()
  await database.close()
})

/**
 * `events` events, and others for as long as there shall be more, by concurrent writers over few counters, so that they meet on the
 * same rows all the time. Resolves with how many they were.
 */
async function write(events: number, { more = (): boolean => false } = {}): Promise<number> {
  const [writers, counters] = [8, 40]
  const { counted, service } = topic
  await sql`delete from counters`.execute(database.db)
  await sql`insert into counters select 'counter-' || i, 0 from generate_series(1, ${counters}) as i`.execute(
    database.db,
  )
  let left = events
  let written = 0
  const writer = async () => {
    while (left > 0 || more()) {
      if (left <= 0) left += 5
      const many = Math.min(5, left)
      left -= many
      await database.db
        .transaction()
        .execute(async (trx) => {
          const name = `counter-${1 + Math.floor(Math.random() * counters)}`
          const { rows } = await sql<{ number: number }>`
          update counters set number = number + ${many} where name = ${name} returning number`.execute(trx)
          const last = rows[0]!.number
          const numbers = Array.from({ length: many }, (_, index) => last - many + 1 + index)
          await appendEvents(
            trx,
            service,
            numbers.map((number) => newEvent(counted, { counter: name, number })),
          )
          // Some roll back: their numbers are given again.
          if (Math.random() < 0.02) {
            left += many
            throw new Error('rolled back')
          }
        })
        .then(() => {
          written += many
        })
        .catch((error) => {
          if (!(error instanceof Error) || error.message !== 'rolled back') throw error
        })
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return written
}

/** None lost, and, duplicates aside, each counter's numbers in order without a gap. */
async function expectAllInOrder(events: number): Promise<void> {
  await eventually(() => expect(ids.size).toBe(events), { timeoutMs: 60_000 })
  const { rows } = await sql<{
    name: string
    number: number
  }>`select name, number from counters where number > 0`.execute(database.db)
  const first = (numbers: readonly number[]) => [...new Set(numbers)]
  for (const { name, number } of rows) {
    expect(first(arrived.get(name) ?? [])).toEqual(Array.from({ length: number }, (_, index) => index + 1))
  }
}

test('keeps the order of each key with two relays, writers at work, and loses none of 10,000 events', async () => {
  const relays = [0, 1].map(() =>
    createOutboxRelay({ url: database.url, service: topic.service, bus, logger }),
  )
  for (const relay of relays) relay.start()
  const startedAt = performance.now()
  await write(10_000)
  const writtenAt = performance.now()
  await relays[0]!.drained({ timeoutMs: 60_000 })
  await expectAllInOrder(10_000)
  const seconds = (performance.now() - startedAt) / 1000
  process.stderr.write(
    `10,000 events: written in ${((writtenAt - startedAt) / 1000).toFixed(1)} s, all received after ${seconds.toFixed(1)} s\n`,
  )
  expect(messages).toBe(10_000)
  expect(relays.filter((relay) => relay.leads())).toHaveLength(1)
  await Promise.all(relays.map((relay) => relay.close()))
  await subscription.close()
  await topic.close()
})

test('another relay takes over, in order, each time the leader loses its database', async () => {
  const relays = [0, 1, 2].map(() =>
    createOutboxRelay({
      url: database.url,
      service: topic.service,
      bus,
      logger,
      batchSize: 50,
      standbyMs: 50,
    }),
  )
  for (const relay of relays) relay.start()
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  let kills = 0
  const over = new AbortController()
  const killing = (async () => {
    for (; !over.signal.aborted; await wait(150, over.signal)) {
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
           and database = (select oid from pg_database where datname = current_database())`,
      )
      kills += rowCount ?? 0
    }
  })()
  let written = 0
  try {
    // However fast it is: leaders are lost while there is something to send.
    written = await write(4000, { more: () => kills <= 3 })
    await relays[0]!.drained({ timeoutMs: 60_000 })
  } finally {
    over.abort()
    await killing
  }
  await expectAllInOrder(written)
  expect(kills).toBeGreaterThan(3)
  process.stderr.write(`${kills} leaders lost their connection, ${messages - ids.size} duplicates\n`)
  await admin.end()
  await Promise.all(relays.map((relay) => relay.close()))
  await subscription.close()
  await topic.close()
})

test('a relay killed in the middle of its work loses nothing', async () => {
  await write(3000)
  // A row that is sent and can't be deleted keeps the relay from ending before it is killed, however late that is.
  const holding = new pg.Client({ connectionString: database.url })
  await holding.connect()
  await holding.query(
    'begin; select from outbox where seq = (select seq from outbox order by seq limit 1 offset 500) for update',
  )
  const child = spawn(
    process.execPath,
    [
      new URL('relay-process.ts', import.meta.url).pathname,
      database.url,
      topic.service,
      parts().kafkaBrokers.join(','),
    ],
    { stdio: 'ignore' },
  )
  await eventually(() => expect(messages).toBeGreaterThan(200), { timeoutMs: 60_000 })
  child.kill('SIGKILL')
  await onceEmitted(child, 'exit')
  await holding.end()
  const { rows } = await sql<{ left: string }>`select count(*) as left from outbox`.execute(database.db)
  expect(Number(rows[0]?.left)).toBeGreaterThan(0)
  const relay = createOutboxRelay({ url: database.url, service: topic.service, bus, logger, standbyMs: 50 })
  relay.start()
  await relay.drained({ timeoutMs: 60_000 })
  await expectAllInOrder(3000)
  await relay.close()
  await subscription.close()
  await topic.close()
})
