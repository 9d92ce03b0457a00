import { defineInvalidation, type Invalidation } from '@freshet/subgraph'
import { ANY_USER_TAG } from './account/account.cache.ts'
import { accountChanged, accountChangedTags } from './account/account.events.ts'
import { ANY_NOTIFICATIONS_TAG } from './notification/notification.cache.ts'
import { notificationsChanged, notificationsChangedTags } from './notification/notification.events.ts'
import { ANY_WISHLIST_TAG } from './wishlist/wishlist.cache.ts'
import { wishlistChanged, wishlistChangedTags } from './wishlist/wishlist.events.ts'

/** Every event of this service, with what it makes untrue in our own cache. A write of any other event is refused. */
export const invalidations: readonly Invalidation[] = [
  defineInvalidation(accountChanged, { tagsOf: accountChangedTags, coarseTags: [ANY_USER_TAG] }),
  defineInvalidation(wishlistChanged, { tagsOf: wishlistChangedTags, coarseTags: [ANY_WISHLIST_TAG] }),
  defineInvalidation(notificationsChanged, {
    tagsOf: notificationsChangedTags,
    coarseTags: [ANY_NOTIFICATIONS_TAG],
  }),
]
