import { createConsumer, type EventConsumer, onBatch } from '@freshet/events'
import type { Logger } from '@freshet/telemetry'
import { createInvalidateOutward, type InvalidateOutwardParts } from './invalidate-outward.ts'
import { type Invalidation, tagsOfEvents } from './invalidations.ts'

/** What {@link createSelfInvalidator} needs. Its group is `<service>-self-invalidator`. */
export interface SelfInvalidatorParts extends InvalidateOutwardParts {
  readonly invalidations: readonly Invalidation[]
  readonly logger: Logger
}

/**
 * A service's consumer of its own events: invalidates again what the writer has invalidated already, for the case that
 * the writer died between its COMMIT and its INVALIDATE. The event was committed with the change. Then it tells the caches
 * outside (the gateway's), which must not hear of it before. Doing it twice costs a reload, so it needs no inbox.
 *
 * A message that can't be read may have been about any entry: it invalidates the coarse tags of its topic, and then
 * becomes a dead letter.
 */
export function createSelfInvalidator(parts: SelfInvalidatorParts): EventConsumer {
  const { service, bus, invalidations, logger } = parts
  const invalidate = createInvalidateOutward(parts)
  return createConsumer({
    bus,
    logger,
    service,
    group: `${service}-self-invalidator`,
    handlers: invalidations.map(({ event }) =>
      onBatch(event, async (batch) => {
        await invalidate(
          tagsOfEvents(
            invalidations,
            batch.map(({ data }) => ({ event, data })),
          ),
        )
      }),
    ),
    onUnreadable: async ({ topic }) => {
      const concerned = invalidations.filter(({ event }) => event.topic === topic)
      await invalidate([...new Set(concerned.flatMap(({ coarseTags }) => coarseTags))])
    },
  })
}
