import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from '@freshet/database'
import { createLogger, metricsText, withSpan } from '@freshet/telemetry'
import { z } from 'zod'
import {
  appendEvents,
  createConsumer,
  createKafkaBus,
  createOutboxRelay,
  defineEvent,
  newEvent,
  on,
  onBatch,
  publishEvents,
} from '../src/index.ts'

/**
 * A service's process with real telemetry: writes one event in a span, sees it handled, then one batch of events of
 * three traces, and prints its metrics.
 */
const [url = '', service = '', topic = '', brokers = ''] = process.argv.slice(2)
const logger = createLogger('traced', { level: 'warn' })
const bus = createKafkaBus({ brokers: brokers.split(','), clientId: service, logger })
// A busy machine is not to be taken for one whose parts are away.
const patience = { connectTimeoutMs: 20_000, statementTimeoutMs: 20_000 }
const database = createDatabase<object>({ url, service, logger, ...patience })
const data = z.object({ number: z.int() })
const single = defineEvent({ type: 'freshet.eventing.single.v1', topic, subject: () => 'a', data })
const many = defineEvent({ type: 'freshet.eventing.many.v1', topic, subject: () => 'a', data })
let handled = 0
const batches: number[] = []
const consumer = createConsumer({
  bus,
  service,
  group: `${service}-traced`,
  logger,
  handlers: [
    on(single, async () => {
      await database.pool.query('select 1 as handled')
      handled++
    }),
    onBatch(many, async (events) => {
      await database.pool.query('select 1 as handled_many')
      batches.push(events.length)
    }),
  ],
})
const relay = createOutboxRelay({ url, service, bus, logger })
relay.start()
await consumer.start()
await consumer.ready()
await withSpan('test', 'the write', {}, async () => {
  await database.db
    .transaction()
    .execute((trx) => appendEvents(trx, service, [newEvent(single, { number: 1 })]))
  relay.wake()
})
while (handled < 1) await sleep(10)
await consumer.close()

// While nobody reads, three traces put an event each: the next consumer gets them in one batch.
for (const number of [1, 2, 3]) {
  await withSpan('test', `write ${number}`, {}, () =>
    publishEvents(bus, service, [newEvent(many, { number })], { deadlineMs: 20_000 }),
  )
}
const second = createConsumer({
  bus,
  service,
  group: `${service}-traced`,
  logger,
  handlers: [onBatch(many, async (events) => void batches.push(events.length))],
})
await second.start()
while (batches.length === 0) await sleep(10)
// How far the group is behind is asked beside it all, and may be answered last; so is how full the outbox is, every 5 s.
const isToldOf = (text: string) =>
  text.includes('freshet_events_consumer_lag{') && /freshet_outbox_pending\{[^}]*\} 0\b/.test(text)
let metrics = await metricsText()
for (; !isToldOf(metrics); metrics = await metricsText()) await sleep(10)
process.stdout.write(metrics)
await second.close()
await relay.close()
await bus.close()
await database.close()
