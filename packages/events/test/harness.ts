import { createDatabase } from '@freshet/database'
import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, createTopics, parts, uniqueName } from '@freshet/testing'
import { z } from 'zod'
import {
  type CloudEvent,
  createKafkaBus,
  defineEvent,
  type EventBus,
  inboxMigration,
  type NewEvent,
  outboxMigration,
  publishEvents,
} from '../src/index.ts'

/** Nothing is printed unless LOG_LEVEL asks for it. */
export const logger = createLogger('events-test', { level: (process.env.LOG_LEVEL as 'debug') ?? 'silent' })

interface Tables {
  outbox: {
    seq: string
    id: string
    topic: string
    key: string
    payload: string
    parked_at: Date | null
    attempts: number
    last_error: string | null
  }
  inbox: { consumer: string; event_id: string }
  effects: { id: string; number: number }
}

/** A service's database with an outbox, an inbox, and a table for effects. */
export async function eventsDatabase() {
  const test = await createTestDatabase({ service: 'eventing' })
  // Patient, so that a busy machine is not taken for a database that is away.
  const patience = { connectTimeoutMs: 20_000, statementTimeoutMs: 20_000 }
  const database = createDatabase<Tables>({
    url: test.url,
    service: 'eventing',
    poolSize: 8,
    ...patience,
    logger,
  })
  await outboxMigration.up(database.db)
  await inboxMigration.up(database.db)
  await database.db.schema
    .createTable('effects')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .execute()
  return {
    ...test,
    db: database.db,
    async close() {
      await database.close()
      await test.close()
    },
  }
}

/** Topics of one test with their event and the dead letters of the service `name`. */
export async function eventTopic({
  partitions = 3,
  config = {},
}: {
  partitions?: number
  config?: Record<string, string>
} = {}) {
  const service = uniqueName('eventing')
  const topic = `${service}.counter`
  const topics = await createTopics([topic, `${service}.dead-letters`], { partitions, config })
  const counted = defineEvent({
    type: 'freshet.eventing.counted.v1',
    topic,
    description: 'A counter went up.',
    subject: (data) => data.counter,
    data: z.object({ counter: z.string(), number: z.int(), note: z.string().optional() }),
  })
  return { service, topic, counted, group: `${service}-readers`, close: topics.close }
}

/** Its sessions are long: a consumer that a busy machine holds up is not to get again what it has had. */
export const kafkaBus = ({ sessionTimeoutMs = 20_000 } = {}): EventBus =>
  createKafkaBus({ brokers: parts().kafkaBrokers, clientId: 'events-test', logger, sessionTimeoutMs })

/** Without the hurry of a request that somebody waits for: on a busy machine Kafka may take longer. */
export const publish = <Data>(
  bus: EventBus,
  source: string,
  events: readonly NewEvent<Data>[],
): Promise<CloudEvent[]> => publishEvents(bus, source, events, { deadlineMs: 20_000 })
