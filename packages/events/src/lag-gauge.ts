import type { EventBus, GroupLag } from './bus.ts'
import type { EventMetrics } from './metrics.ts'
import { wait } from './wait.ts'

/**
 * Reports how far a group is behind, as Kafka sees it: a consumer that is stuck can't be the one to say how much it
 * has not seen. Every process of the group reports the same figure; take the maximum, not the sum.
 */
export function createLagGauge(
  {
    bus,
    group,
    topics,
    metrics,
  }: { bus: EventBus; group: string; topics: readonly string[]; metrics: EventMetrics },
  { everyMs = 10_000, deadlineMs = 5000 } = {},
): { close(): void } {
  let lags: GroupLag[] = []
  let asking = false
  const closing = new AbortController()
  async function sample(): Promise<void> {
    // kafkajs may try for a long time: its answer is waited for, so that questions don't pile up.
    if (asking) return
    asking = true
    const answered = new AbortController()
    // When Kafka is away an old figure would lie, and the consumer itself says so in the log.
    const ended = AbortSignal.any([answered.signal, closing.signal])
    void wait(deadlineMs, ended).then(() => {
      if (!ended.aborted) lags = []
    })
    try {
      lags = await bus.lag(group, topics)
    } catch {
      lags = []
    } finally {
      answered.abort()
      asking = false
    }
  }
  void sample()
  const timer = setInterval(() => void sample(), everyMs)
  timer.unref()
  const remove = metrics.gauge(
    'freshet_events_consumer_lag',
    'Messages that the group has not committed',
    () => lags.map(({ topic, lag }) => ({ value: lag, attributes: { group, topic } })),
  )
  return {
    close() {
      clearInterval(timer)
      closing.abort()
      remove()
    },
  }
}
