import type { Viewer } from '@freshet/http'
import { cachedLoader, trackedLoader } from '@freshet/subgraph'
import { createPageLoader } from '../page-loader.ts'
import { ANY_WISHLIST_TAG, type WishlistCache, wishlistTags } from './wishlist.cache.ts'
import type { WishlistRepository } from './wishlist.repository.ts'

/** One set per request: `viewerHas` is bound to its viewer. */
export function createWishlistLoaders(parts: {
  wishlist: WishlistRepository
  cache: WishlistCache
  viewer: () => Viewer | null
}) {
  const { wishlist, cache, viewer } = parts
  return {
    page: createPageLoader(wishlist.findPages, wishlistTags),
    /** By user. */
    total: cachedLoader({ entity: cache.total, load: wishlist.countByUsers }),
    /** By product. */
    wishedBy: cachedLoader({ entity: cache.wishedBy, load: wishlist.countByProducts }),
    /** By product; null for an anonymous viewer. Never from a cache that others share: it is this viewer's alone. */
    viewerHas: trackedLoader<string, boolean | null>({
      audience: 'private',
      batch: async (productIds) => {
        const id = viewer()?.id
        return id === undefined ? productIds.map(() => null) : wishlist.contains(id, productIds)
      },
      dependsOn: () => {
        const id = viewer()?.id
        return { tags: id === undefined ? [ANY_WISHLIST_TAG] : wishlistTags(id) }
      },
    }),
  }
}
