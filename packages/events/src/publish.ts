import { context } from '@opentelemetry/api'
import type { EventBus } from './bus.ts'
import { type CloudEvent, makeEvent, type NewEvent } from './event.ts'
import { createEventMetrics } from './metrics.ts'
import { activeTraceparent, sendTraced } from './trace.ts'

/** How a CloudEvent in structured mode is announced. */
export const cloudEventHeaders = { 'content-type': 'application/cloudevents+json; charset=UTF-8' }

/** Publishes events straight to Kafka. */
export interface EventPublisher {
  /**
   * Resolves when Kafka has stored all of them; throws when that is not certain.
   *
   * @throws InvalidEventError, UndeclaredTopicError, MessageRefusedError, BusUnavailableError
   */
  // biome-ignore lint/suspicious/noExplicitAny: each element pairs its own event with its own data; `newEvent` checks the pair
  publish(events: readonly NewEvent<any>[]): Promise<CloudEvent[]>
}

/**
 * A publisher without an outbox: for events that are themselves the data (an activity stream), where nothing is
 * committed beside them. Use `appendEvents` for everything that tells of a change in a database.
 */
export function createEventPublisher({ bus, service }: { bus: EventBus; service: string }): EventPublisher {
  const { published, publishFailures } = createEventMetrics()
  return {
    async publish(events) {
      const traceparent = activeTraceparent()
      const made = events.map((event) => makeEvent(service, event, traceparent))
      const messages = made.map((event, index) => ({
        cause: context.active(),
        message: {
          topic: events[index]!.event.topic,
          key: event.subject,
          value: JSON.stringify(event),
          headers: cloudEventHeaders,
        },
      }))
      try {
        await sendTraced(messages, (outgoing) => bus.publish(outgoing))
      } catch (error) {
        publishFailures.add(1, { reason: 'direct' })
        throw error
      }
      for (const { message } of messages) published.add(1, { topic: message.topic })
      return made
    },
  }
}
