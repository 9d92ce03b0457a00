import type { Cache } from '@freshet/cache'
import {
  appendEvents,
  type CloudEvent,
  type EventHandler,
  newEvent,
  onBatch,
  onceMany,
} from '@freshet/events'
import type { InvalidateOutward } from '@freshet/subgraph'
import type { Kysely } from 'kysely'
import { dashboardTag } from '../dashboard/dashboard.cache.ts'
import type { DB } from '../generated/db.ts'
import type { ProductFactsRepository } from '../product-facts/product-facts.repository.ts'
import { productStatsTag } from '../product-stats/product-stats.cache.ts'
import { productStatsChanged } from '../product-stats/product-stats.events.ts'
import { type Activity, activityKey, activityTracked } from './activity.events.ts'
import type { ActivityRepository } from './activity.repository.ts'
import { recentlyViewedTag } from './recently-viewed.cache.ts'

export const ACTIVITY_CONSUMER = 'analytics-activity'

export interface ActivityConsumerParts {
  db: Kysely<DB>
  activity: ActivityRepository
  facts: ProductFactsRepository
  cache: Pick<Cache, 'invalidate'>
  invalidateOutward: InvalidateOutward
  /** Wakes the outbox relay after the commit. */
  wakeRelay: () => void
}

/**
 * Counts activity: each once, however often it is delivered or was sent; then tells every cache of it. Outer caches keep
 * statistics by age, and are told of what users saw only.
 */
export function countActivity(parts: ActivityConsumerParts): EventHandler {
  const { db, activity, facts, cache, invalidateOutward, wakeRelay } = parts
  return onBatch(activityTracked, async (events: readonly CloudEvent<Activity>[], { consumer }) => {
    const all = events.map((event) => event.data)
    const productIds = [...new Set(all.map((one) => one.productId))]
    const hasCounted = await db.transaction().execute(async (trx) => {
      const fresh = await onceMany(trx, consumer, all.map(activityKey))
      const counted = all.filter((one) => fresh.delete(activityKey(one)))
      if (counted.length === 0) return false
      await activity.record(trx, counted)
      await appendEvents(
        trx,
        'analytics',
        [...new Set(counted.map((one) => one.productId))].map((productId) =>
          newEvent(productStatsChanged, { productId }),
        ),
      )
      return true
    })
    try {
      // For events counted before, too: the process may have died between that commit and this line.
      const sellerIds = await facts.findSellers(productIds)
      await cache.invalidate([...productIds.map(productStatsTag), ...sellerIds.map(dashboardTag)])
      const userIds = new Set(all.flatMap(({ userId }) => userId ?? []))
      await invalidateOutward([...userIds].map(recentlyViewedTag))
    } finally {
      // After our own cache, whatever became of it: outer caches that hear of it reload through this one.
      if (hasCounted) wakeRelay()
    }
  })
}
