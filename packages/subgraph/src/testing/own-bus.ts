import { createKafkaBus, type EventBus } from '@freshet/events'
import { prefixedBus } from '@freshet/events/testing'
import { createLogger } from '@freshet/telemetry'
import { createTopics, parts, uniqueName } from '@freshet/testing'

/**
 * A bus on the tests' Kafka whose topics and groups are seen by nobody else, under the names that the service knows:
 * without it, files that consume the same topic would take each other's partitions.
 *
 * @returns the bus, which its user closes, and `close` for the topics, to be called afterwards
 */
export async function openOwnBus(
  service: string,
  topics: readonly string[],
  { partitions = 2 } = {},
): Promise<{ bus: EventBus; close(): Promise<void> }> {
  const prefix = uniqueName(`${service}-test`)
  // Whatever a service consumes, it tells the caches outside.
  const all = new Set([...topics, `${service}.invalidations`])
  const created = await createTopics(
    [...all].map((topic) => `${prefix}.${topic}`),
    { partitions },
  )
  const logger = createLogger(prefix, { level: (process.env.LOG_LEVEL as 'debug') ?? 'silent' })
  const bus = createKafkaBus({ brokers: parts().kafkaBrokers, clientId: prefix, logger })
  return { bus: prefixedBus(bus, prefix), close: () => created.close() }
}
