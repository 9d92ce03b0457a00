import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import {
  appendEvents,
  createConsumer,
  createOutboxRelay,
  InvalidEventError,
  newEvent,
  on,
} from '../src/index.ts'
import { eventsDatabase, eventTopic, kafkaBus, logger } from './harness.ts'

let database: Awaited<ReturnType<typeof eventsDatabase>>
let topic: Awaited<ReturnType<typeof eventTopic>>
const bus = kafkaBus()

beforeAll(async () => {
  ;[database, topic] = await Promise.all([eventsDatabase(), eventTopic()])
})
afterAll(async () => {
  await bus.close()
  await topic.close()
  await database.close()
})

test('publishes what is committed, and nothing of what is rolled back', async () => {
  const { counted, service, group } = topic
  const received: number[] = []
  const relay = createOutboxRelay({ url: database.url, service, bus, logger })
  const consumer = createConsumer({
    bus,
    service,
    group,
    logger,
    handlers: [on(counted, async ({ data }) => void received.push(data.number))],
  })
  relay.start()
  await consumer.start()
  const rolledBack = database.db.transaction().execute(async (trx) => {
    await appendEvents(trx, service, [newEvent(counted, { counter: 'a', number: 1 })])
    throw new Error('the write fails')
  })
  await expect(rolledBack).rejects.toThrow('the write fails')
  await database.db
    .transaction()
    .execute((trx) =>
      appendEvents(trx, service, [
        newEvent(counted, { counter: 'a', number: 2 }),
        newEvent(counted, { counter: 'a', number: 3 }),
      ]),
    )
  relay.wake()
  await relay.drained({ timeoutMs: 60_000 })
  await eventually(() => expect(received).toEqual([2, 3]))
  await consumer.close()
  await relay.close()
})

test('stores nothing when an event does not fit its schema, and names the field', async () => {
  const { counted, service } = topic
  const write = database.db
    .transaction()
    .execute((trx) => appendEvents(trx, service, [newEvent(counted, { counter: 'a', number: 1.5 })]))
  await expect(write).rejects.toThrow(InvalidEventError)
  await expect(write).rejects.toThrow(/data\.number/)
  const { rows } = await sql`select from outbox`.execute(database.db)
  expect(rows).toEqual([])
})
