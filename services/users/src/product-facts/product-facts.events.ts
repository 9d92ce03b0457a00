import { defineReading, type EventHandler, newEvent, on, once, rawId } from '@freshet/events'
import type { InvalidateOutward, Write } from '@freshet/subgraph'
import { z } from 'zod'
import type { DB } from '../generated/db.ts'
import { notificationsChanged, notifiedInChunks } from '../notification/notification.events.ts'
import { priceDropMessage } from '../notification/notification.messages.ts'
import type { NotificationRepository } from '../notification/notification.repository.ts'
import { productFactsTag } from './product-facts.cache.ts'
import type { ProductFactsRepository, ProductFactsRow } from './product-facts.repository.ts'

/** The group that keeps product_facts. */
export const PRODUCT_FACTS = 'users-product-facts'

const int32 = z.int().min(0).max(2_147_483_647)
/** What is read of catalog's event; whatever else is in it may change without us. */
export const catalogProductChanged = defineReading({
  type: 'freshet.catalog.product-changed.v1',
  topic: 'catalog.product',
  data: z.object({
    productId: rawId,
    version: int32,
    title: z.string(),
    price: z.object({ amount: int32, currency: z.string().regex(/^[A-Z]{3}$/) }),
    changedAt: z.iso.datetime(),
  }),
})

/**
 * Keeps what is known of products up to date, and tells those who wish for one when its price falls.
 *
 * Exactly once: facts, notifications, our own event and the inbox row are one transaction. A
 * redelivered event changes nothing, but invalidates again: the first delivery may have died before.
 */
export function createProductFactsConsumer(parts: {
  write: Write<DB>
  facts: ProductFactsRepository
  notifications: NotificationRepository
  invalidate: InvalidateOutward
}): EventHandler[] {
  const { write, facts, notifications, invalidate } = parts

  const keepFacts = on(catalogProductChanged, async ({ id, data }, { consumer }) => {
    const { productId } = data
    await write(async (trx) => {
      if (!(await once(trx, consumer, id))) return { result: undefined, events: [] }
      const before = await facts.lock(trx, productId, 'update')
      const now: ProductFactsRow = {
        productId,
        title: data.title,
        priceMinor: data.price.amount,
        currency: data.price.currency,
        version: String(data.version),
      }
      const isNews = await facts.putIfNewer(trx, { ...now, changedAt: data.changedAt })
      if (!isNews || before === null || !hasFallen(before, now)) return { result: undefined, events: [] }
      const told = await notifications.insertPriceDrops(trx, {
        productId,
        message: priceDropMessage(before, now),
        causedBy: id,
      })
      const events = notifiedInChunks(told).map((userIds) =>
        newEvent(notificationsChanged, { userIds, change: 'created' }),
      )
      return { result: undefined, events }
    })
    // An error here is not swallowed: the event is delivered again, and comes straight to this line.
    await invalidate([productFactsTag(productId)])
  })
  return [keepFacts]
}

/** Prices in two currencies can't be compared: then nothing has fallen. */
function hasFallen(before: ProductFactsRow, now: ProductFactsRow): boolean {
  return before.currency === now.currency && now.priceMinor < before.priceMinor
}
