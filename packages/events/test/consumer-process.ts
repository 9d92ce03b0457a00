import { createLogger } from '@freshet/telemetry'
import { z } from 'zod'
import { createConsumer, createKafkaBus, defineReading, on } from '../src/index.ts'

/** A process with nothing but a consumer, to be killed. Prints each number that it handles. */
const [service = '', group = '', topic = '', brokers = ''] = process.argv.slice(2)
const logger = createLogger('consumer-process', { level: 'silent' })
const bus = createKafkaBus({ brokers: brokers.split(','), clientId: service, logger, sessionTimeoutMs: 6000 })
const data = z.object({ number: z.int() })
const reading = defineReading({ type: 'freshet.eventing.counted.v1', topic, data })
const consumer = createConsumer({
  bus,
  service,
  group,
  logger,
  handlers: [on(reading, async (event) => void process.stdout.write(`${event.data.number}\n`))],
})
await consumer.start()
await consumer.ready()
process.stdout.write('ready\n')
