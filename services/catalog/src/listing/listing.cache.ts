import type { Cache, CachePolicy } from '@freshet/cache'
import type { ListingFacets } from './facets.repository.ts'
import type { ListingPage } from './listing.repository.ts'
import { digest, type Listing, type ListingDependencies } from './listing.request.ts'
import type { SearchPlan } from './search.repository.ts'

/**
 * The tag of a listing's entries: of one category, or (null) of the whole shop. Entries that also depend on prices
 * or on stock carry a finer tag besides, so that a new price leaves the lists alone that it can't change.
 */
export function listingTag(categoryId: string | null, aspect?: 'price' | 'stock'): string {
  const list = categoryId === null ? 'product-list' : `product-list:category:${categoryId}`
  return aspect ? `${list}:${aspect}` : list
}

/** A key says on what its entry depends: `category:9|price+stock|<digest of the rest>`. */
export function listingKey({ categoryId }: Listing, depends: ListingDependencies, rest: unknown): string {
  const aspects = (['price', 'stock', 'shop'] as const).filter((aspect) => depends[aspect])
  return [categoryId ?? '', aspects.join('+'), digest(rest)].join('|')
}

/** The tags of the entry of a {@link listingKey}. */
function listingTags(key: string): string[] {
  const [category = '', aspects = ''] = key.split('|')
  const categoryId = category === '' ? null : category
  const tags = [listingTag(categoryId), 'product']
  for (const aspect of ['price', 'stock'] as const) {
    if (aspects.includes(aspect)) tags.push(listingTag(categoryId, aspect))
  }
  if (aspects.includes('shop')) tags.push(listingTag(null))
  return tags
}

/** Popularity moves without a word to the cache: minutes bound how old an order by it gets. */
const common = { version: 1, ttlSeconds: 300, negativeTtlSeconds: 0, jitter: 0.1, tags: listingTags }

const page: CachePolicy<ListingPage> = { ...common, name: 'product-list' }
const count: CachePolicy<number> = { ...common, name: 'product-count' }
const facets: CachePolicy<ListingFacets> = { ...common, name: 'product-facets' }

/** By the digest of the search text. Any new or renamed product may contain its words. */
const searchPlan: CachePolicy<SearchPlan> = {
  ...common,
  name: 'search-plan',
  tags: () => [listingTag(null), 'product'],
}

export type ListingCache = ReturnType<typeof createListingCache>

export function createListingCache(cache: Cache) {
  return {
    page: cache.define(page),
    count: cache.define(count),
    facets: cache.define(facets),
    searchPlan: cache.define(searchPlan),
  }
}
