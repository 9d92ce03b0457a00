import type { Cache } from '@freshet/cache'
import { type EventHandler, on } from '@freshet/events'
import type { Kysely } from 'kysely'
import { dashboardTag } from '../dashboard/dashboard.cache.ts'
import type { DB } from '../generated/db.ts'
import { productChanged } from './product-facts.events.ts'
import type { ProductFactsRepository } from './product-facts.repository.ts'

export const PRODUCT_FACTS_CONSUMER = 'analytics-product-facts'

/** Follows catalog's products. An old event changes nothing, so no inbox is needed: the version decides. */
export function followProducts(parts: {
  db: Kysely<DB>
  facts: ProductFactsRepository
  cache: Cache
}): EventHandler {
  const { db, facts, cache } = parts
  return on(productChanged, async ({ data }) => {
    const sellerIds = await db.transaction().execute((trx) => facts.upsert(trx, data))
    await cache.invalidate(sellerIds.map(dashboardTag))
  })
}
