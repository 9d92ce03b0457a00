import type { Cache } from '@freshet/cache'
import { createAccountCache } from './account/account.cache.ts'
import { createNotificationCache } from './notification/notification.cache.ts'
import { createProductFactsCache } from './product-facts/product-facts.cache.ts'
import { createWishlistCache } from './wishlist/wishlist.cache.ts'

export type Caches = ReturnType<typeof createCaches>

/** Every cache policy of the service; each is told in its entity's folder. */
export const createCaches = (cache: Cache) => ({
  account: createAccountCache(cache),
  wishlist: createWishlistCache(cache),
  notification: createNotificationCache(cache),
  productFacts: createProductFactsCache(cache),
})
