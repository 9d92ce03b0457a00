import { type Attributes, metrics, type ObservableCallback } from '@opentelemetry/api'

/**
 * Every instrument of this package. Made per part, not at import time: the SDK may be registered later, and without
 * one all of this does nothing.
 */
export function createEventMetrics() {
  const meter = metrics.getMeter('@freshet/events')
  const seconds = { unit: 's' }
  const instruments = {
    published: meter.createCounter('freshet_events_published', {
      description: 'Events that Kafka acknowledged',
    }),
    publishFailures: meter.createCounter('freshet_events_publish_failures', {
      description: 'Sends that failed: reason unavailable, refused or undeclared',
    }),
    parked: meter.createCounter('freshet_outbox_parked', {
      description: 'Outbox rows set aside because Kafka refused them again and again',
    }),
    publishDelay: meter.createHistogram('freshet_outbox_delay', {
      ...seconds,
      description: 'From the row being stored to its acknowledgement',
      advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300] },
    }),
    consumed: meter.createCounter('freshet_events_consumed', {
      description:
        'Received messages by outcome: done, unknown-type, tombstone, other-group, dead-letter, postponed',
    }),
    deadLetters: meter.createCounter('freshet_events_dead_letters', {
      description: 'Messages sent to the dead letters, by reason',
    }),
    handlerDuration: meter.createHistogram('freshet_events_handler_duration', {
      ...seconds,
      description: 'One run of a handler, by result',
      advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] },
    }),
    age: meter.createHistogram('freshet_events_age', {
      ...seconds,
      description: "From the event's time to the end of its effect",
      advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600] },
    }),
  }
  return {
    ...instruments,
    /** A gauge read when metrics are collected; call what it returns when its source closes. */
    gauge(
      name: string,
      description: string,
      read: () => { value: number; attributes?: Attributes }[],
    ): () => void {
      const gauge = meter.createObservableGauge(name, { description })
      let before = new Map<string, Attributes | undefined>()
      const callback: ObservableCallback = (result) => {
        const now = new Map<string, Attributes | undefined>()
        for (const { value, attributes } of read()) {
          result.observe(value, attributes)
          now.set(JSON.stringify(attributes), attributes)
        }
        // The SDK repeats for good what was observed last. NaN is Prometheus' word for what is not known: no alert takes it
        // for a figure.
        for (const [key, attributes] of before) if (!now.has(key)) result.observe(Number.NaN, attributes)
        before = now
      }
      gauge.addCallback(callback)
      return () => gauge.removeCallback(callback)
    },
  }
}

export type EventMetrics = ReturnType<typeof createEventMetrics>
