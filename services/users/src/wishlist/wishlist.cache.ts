import type { Cache } from '@freshet/cache'

export const userWishlistTag = (userId: string): string => `user-wishlist:${userId}`
export const productWishlistedTag = (productId: string): string => `product-wishlisted:${productId}`
/** On every entry here: for a change of nobody knows which list. */
export const ANY_WISHLIST_TAG = 'wishlist'

/** What everything depends on that is shown of a user's list, cached here or not. */
export const wishlistTags = (userId: string): string[] => [userWishlistTag(userId), ANY_WISHLIST_TAG]

export type WishlistCache = ReturnType<typeof createWishlistCache>

/**
 * Counts only. Pages are one statement for one viewer and seldom asked for twice; whether the viewer
 * has wished for a product is the viewer's own and never enters an entry that others share.
 */
export function createWishlistCache(cache: Cache) {
  return {
    /** By user: how long the list is. */
    total: cache.define<number>({
      name: 'wishlist-total',
      version: 1,
      ttlSeconds: 3600,
      negativeTtlSeconds: 60,
      jitter: 0.1,
      tags: wishlistTags,
    }),
    /** By product: how many wish for it. */
    wishedBy: cache.define<number>({
      name: 'wished-by',
      version: 1,
      ttlSeconds: 3600,
      negativeTtlSeconds: 60,
      jitter: 0.1,
      tags: (productId) => [productWishlistedTag(productId), ANY_WISHLIST_TAG],
    }),
  }
}
