import { setTimeout as sleep } from 'node:timers/promises'
import { LONGEST_L1_BOUND_MS } from '@freshet/cache'
import { createConsumer, type EventBus, type EventConsumer, onBatch } from '@freshet/events'
import type { Logger } from '@freshet/telemetry'
import type { GatewayCache } from '../response-cache/gateway-cache.ts'
import { invalidatedReading } from './invalidated.events.ts'

/**
 * Follows what the subgraphs invalidate, also by writes that did not come through this gateway, or whose process died
 * before it could say so. A subgraph's word comes only after its own cache is clean (level order).
 *
 * What Redis does not acknowledge is delivered again. A message that can't be read may have been about anything of its
 * service: all of that ends.
 */
export function createInvalidator(parts: {
  bus: EventBus
  /** All processes of a gateway share one cache, so they share one group too: `<domain>-invalidator`. */
  domain: string
  cache: Pick<GatewayCache, 'invalidate'>
  subgraphs: readonly string[]
  logger: Logger
}): EventConsumer {
  const { bus, domain, cache, subgraphs, logger } = parts
  const readings = new Map(subgraphs.map((service) => [service, invalidatedReading(service)]))
  return createConsumer({
    bus,
    logger,
    service: 'gateway',
    group: `${domain}-invalidator`,
    handlers: [...readings].map(([service, reading]) =>
      onBatch(reading, async (events) => {
        const tags = new Set(events.flatMap(({ data }) => data.tags))
        const sequence = events.map(({ data }) => data.sequence).reduce(highest)
        await cache.invalidate(service, [...tags], sequence)
      }),
    ),
    onUnreadable: async ({ topic }) => {
      for (const [service, reading] of readings) {
        if (reading.topic !== topic) continue
        await cache.invalidate(service, 'all', null)
        // Without a sequence nothing can be asked for that is at least so new: what was loaded meanwhile may come from an
        // L1 of the service that had not heard of it yet. Twice its bound, for clocks that don't run alike.
        await sleep(2 * LONGEST_L1_BOUND_MS)
        await cache.invalidate(service, 'all', null)
      }
    },
  })
}

/** Sequences are decimal digits without zeros in front. */
function highest(a: string, b: string): string {
  return a.length === b.length ? (a > b ? a : b) : a.length > b.length ? a : b
}
