import type { Cache } from '@freshet/cache'
import {
  type CloudEvent,
  type EventDefinition,
  type EventHandler,
  type NewEvent,
  onBatch,
} from '@freshet/events'
import { accountChanged, accountChangedTags } from './account/account.events.ts'
import { notificationsChanged, notificationsChangedTags } from './notification/notification.events.ts'
import { wishlistChanged, wishlistChangedTags } from './wishlist/wishlist.events.ts'

/** Every event of this service. */
export const ownEvents = [accountChanged, wishlistChanged, notificationsChanged] as const

/** This service's own group on its own topics. */
export const SELF_INVALIDATOR = 'users-self-invalidator'

/** What a change, told by one of our own events, makes untrue in our own cache. */
export function tagsOf({ event, data }: Pick<NewEvent, 'event' | 'data'>): string[] {
  switch (event.type) {
    case accountChanged.type:
      return accountChangedTags(accountChanged.data.parse(data))
    case wishlistChanged.type:
      return wishlistChangedTags(wishlistChanged.data.parse(data))
    case notificationsChanged.type:
      return notificationsChangedTags(notificationsChanged.data.parse(data))
    default:
      throw new TypeError(`No tags are known for ${event.type}: add them where it is declared`)
  }
}

/**
 * Crash safety: a process that dies between COMMIT and INVALIDATE leaves an event in the outbox. Here
 * every such event invalidates its tags once more. Doing it twice costs a reload, and nothing else.
 */
export function createSelfInvalidation(cache: Pick<Cache, 'invalidate'>): EventHandler[] {
  const invalidate = (event: EventDefinition) =>
    onBatch(event, async (batch: readonly CloudEvent[]) => {
      const tags = batch.flatMap(({ data }) => tagsOf({ event, data }))
      await cache.invalidate([...new Set(tags)])
    })
  return ownEvents.map((event) => invalidate(event as EventDefinition))
}
