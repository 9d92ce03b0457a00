import type { Cache } from '@freshet/cache'
import { createConsumer, type EventBus, type EventConsumer, onBatch } from '@freshet/events'
import type { Logger } from '@freshet/telemetry'
import { listingTag } from '../listing/listing.cache.ts'
import { type ProductChanged, productChanged } from './product.events.ts'

/**
 * The tags of all that this change may have changed the answer of. A price moves a product only in lists that look
 * at prices, and a stock only in lists that look at stock, and only when it flips between some and none.
 */
export function tagsOf(changed: ProductChanged): string[] {
  const { change, categoryIds, previousCategoryIds = [], stockFlipped } = changed
  const product = `product:${changed.productId}`
  if (change === 'restocked' && !stockFlipped) return [product]
  const aspect = { created: undefined, updated: undefined, priced: 'price', restocked: 'stock' } as const
  const lists = new Set([null, ...categoryIds, ...previousCategoryIds])
  return [product, ...[...lists].map((categoryId) => listingTag(categoryId, aspect[change]))]
}

/**
 * Invalidates again what the writer has invalidated already, for the case that the writer died between its COMMIT
 * and its INVALIDATE: the event was committed with the change. Idempotent, so it needs no inbox.
 */
export function createSelfInvalidator(parts: { bus: EventBus; cache: Cache; logger: Logger }): EventConsumer {
  const { bus, cache, logger } = parts
  return createConsumer({
    bus,
    logger,
    service: 'catalog',
    group: 'catalog-self-invalidator',
    handlers: [
      onBatch(productChanged, async (events) => {
        await cache.invalidate([...new Set(events.flatMap(({ data }) => tagsOf(data)))])
      }),
    ],
    // What can't be read may have been about any product.
    onUnreadable: async () => {
      await cache.invalidate(['product'])
    },
  })
}
