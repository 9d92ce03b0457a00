import type { Cache } from '@freshet/cache'
import {
  type EventBus,
  type EventDefinition,
  type Invalidated,
  newEvent,
  publishEvents,
} from '@freshet/events'

/**
 * Invalidates the service's own cache and, once that is acknowledged, tells the caches outside. Resolves as `Cache.invalidate` does. See
 * {@link createInvalidateOutward}.
 */
export type InvalidateOutward = (tags: readonly string[]) => Promise<{ sequence: string }>

/** What {@link createInvalidateOutward} needs. */
export interface InvalidateOutwardParts {
  readonly service: string
  readonly bus: EventBus
  readonly cache: Pick<Cache, 'invalidate'>
  /** The service's own, by `defineInvalidated` of @freshet/events. */
  readonly invalidated: EventDefinition<Invalidated>
}

/** A consumer waits for it with no reader behind it. */
const PUBLISH_DEADLINE_MS = 10_000

/**
 * How a consumer invalidates: the service's own cache first, and the caches outside of it only after that. In the other
 * order an outer cache would fill itself again from the inner one while that is still old.
 *
 * Rejects when either step is not certain: the consumer must let it through, so that its message is delivered again. Both
 * steps may be done any number of times.
 */
export function createInvalidateOutward(parts: InvalidateOutwardParts): InvalidateOutward {
  const { service, bus, cache, invalidated } = parts
  return async (tags) => {
    if (tags.length === 0) return { sequence: '0' }
    const { sequence } = await cache.invalidate(tags)
    const event = newEvent(invalidated, { domain: service, tags, sequence })
    await publishEvents(bus, service, [event], { deadlineMs: PUBLISH_DEADLINE_MS })
    return { sequence }
  }
}
