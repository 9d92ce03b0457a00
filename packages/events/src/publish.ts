import { context } from '@opentelemetry/api'
import type { EventBus, PublishOptions } from './bus.ts'
import { type CloudEvent, makeEvent, type NewEvent } from './event.ts'
import { createEventMetrics, type EventMetrics } from './metrics.ts'
import { activeTraceparent, sendTraced } from './trace.ts'

/** How a CloudEvent in structured mode is announced. */
export const cloudEventHeaders = { 'content-type': 'application/cloudevents+json; charset=UTF-8' }

/** Instruments are made once per bus, not once per call. */
const instruments = new WeakMap<EventBus, EventMetrics>()

/**
 * Publishes events straight to Kafka, without an outbox: for events that are themselves the data (an activity
 * stream), where nothing is committed beside them. Use `appendEvents` for everything that tells of a change in a
 * database. Resolves when Kafka has stored all of them; throws when that is not certain.
 *
 * A request waits for it: so it gives up after `deadlineMs` (2,000 unless told otherwise), and at once while Kafka is
 * known to fail.
 *
 * @throws InvalidEventError, UndeclaredTopicError, MessageRefusedError, BusUnavailableError
 */
export async function publishEvents(
  bus: EventBus,
  source: string,
  // biome-ignore lint/suspicious/noExplicitAny: each element pairs its own event with its own data; `newEvent` checks the pair
  events: readonly NewEvent<any>[],
  { deadlineMs = 2000 }: PublishOptions = {},
): Promise<CloudEvent[]> {
  const metrics = instruments.get(bus) ?? createEventMetrics()
  instruments.set(bus, metrics)
  const traceparent = activeTraceparent()
  const made = events.map((event) => makeEvent(source, event, traceparent))
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
    await sendTraced(messages, (outgoing) => bus.publish(outgoing, { deadlineMs }))
  } catch (error) {
    metrics.publishFailures.add(1, { reason: 'direct' })
    throw error
  }
  for (const { message } of messages) metrics.published.add(1, { topic: message.topic })
  return made
}
