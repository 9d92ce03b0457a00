import { createLogger } from '@freshet/telemetry'
import { createKafkaBus, createOutboxRelay } from '../src/index.ts'

/** A process with nothing but a relay, to be killed. Small batches: it must be caught at work. */
const [url = '', service = '', brokers = ''] = process.argv.slice(2)
const logger = createLogger('relay-process', { level: 'silent' })
const bus = createKafkaBus({ brokers: brokers.split(','), clientId: service, logger })
createOutboxRelay({ url, service, bus, logger, batchSize: 20 }).start()
