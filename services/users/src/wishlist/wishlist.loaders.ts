import type { Viewer } from '@freshet/http'
import DataLoader from 'dataloader'
import { createPageLoader } from '../page-loader.ts'
import type { WishlistCache } from './wishlist.cache.ts'
import type { WishlistRepository } from './wishlist.repository.ts'

/** One set per request: `viewerHas` is bound to its viewer. */
export function createWishlistLoaders(parts: {
  wishlist: WishlistRepository
  cache: WishlistCache
  viewer: Viewer | null
}) {
  const { wishlist, cache, viewer } = parts
  return {
    page: createPageLoader(wishlist.findPages),
    /** By user. */
    total: new DataLoader<string, number>(async (ids) =>
      asCounts(await cache.total.getMany(ids, wishlist.countByUsers)),
    ),
    /** By product. */
    wishedBy: new DataLoader<string, number>(async (ids) =>
      asCounts(await cache.wishedBy.getMany(ids, wishlist.countByProducts)),
    ),
    /** By product; null for an anonymous viewer. Never from a cache: it is this viewer's alone. */
    viewerHas: new DataLoader<string, boolean | null>(async (productIds) =>
      viewer === null ? productIds.map(() => null) : await wishlist.contains(viewer.id, productIds),
    ),
  }
}

/** A repository counts 0 where there is nothing, so null can't come from it. */
const asCounts = (counts: readonly (number | null)[]): number[] => counts.map((count) => count ?? 0)
