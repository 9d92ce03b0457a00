import type { Cache } from '@freshet/cache'
import { createConsumer, type EventBus, type EventConsumer, onBatch } from '@freshet/events'
import type { Logger } from '@freshet/telemetry'
import { type Invalidation, tagsOfEvents } from './invalidations.ts'

/** What {@link createSelfInvalidator} needs. */
export interface SelfInvalidatorParts {
  /** Its group is `<service>-self-invalidator`. */
  readonly service: string
  readonly bus: EventBus
  readonly cache: Pick<Cache, 'invalidate'>
  readonly invalidations: readonly Invalidation[]
  readonly logger: Logger
}

/**
 * A service's consumer of its own events: invalidates again what the writer has invalidated already, for the case that
 * the writer died between its COMMIT and its INVALIDATE. The event was committed with the change. Doing it twice costs
 * a reload, so it needs no inbox.
 *
 * A message that can't be read may have been about any entry: it invalidates the coarse tags of its topic, and then
 * becomes a dead letter.
 */
export function createSelfInvalidator(parts: SelfInvalidatorParts): EventConsumer {
  const { service, bus, cache, invalidations, logger } = parts
  return createConsumer({
    bus,
    logger,
    service,
    group: `${service}-self-invalidator`,
    handlers: invalidations.map(({ event }) =>
      onBatch(event, async (batch) => {
        await cache.invalidate(
          tagsOfEvents(
            invalidations,
            batch.map(({ data }) => ({ event, data })),
          ),
        )
      }),
    ),
    onUnreadable: async ({ topic }) => {
      const concerned = invalidations.filter(({ event }) => event.topic === topic)
      await cache.invalidate([...new Set(concerned.flatMap(({ coarseTags }) => coarseTags))])
    },
  })
}
