import { defineInvalidated, defineReading, type EventReading, type Invalidated } from '@freshet/events'

/** What is read of a subgraph's word that its own cache is clean. */
export function invalidatedReading(service: string): EventReading<Invalidated> {
  const { type, topic, data } = defineInvalidated(service)
  return defineReading({ type, topic, data })
}
