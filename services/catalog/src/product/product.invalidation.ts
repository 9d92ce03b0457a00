import { defineInvalidation, type Invalidation } from '@freshet/subgraph'
import { listingTag } from '../listing/listing.cache.ts'
import { type ProductChanged, productChanged } from './product.events.ts'

/**
 * The tags of all that this change may have changed the answer of. A price moves a product only in lists that look
 * at prices, and a stock only in lists that look at stock, and only when it flips between some and none.
 */
export function tagsOf(changed: ProductChanged): string[] {
  const { change, categoryIds, previousCategoryIds = [], stockFlipped } = changed
  const product = `product:${changed.productId}`
  if (change === 'restocked' && !stockFlipped) return [product]
  const aspect = { created: undefined, updated: undefined, priced: 'price', restocked: 'stock' } as const
  const lists = new Set([null, ...categoryIds, ...previousCategoryIds])
  return [product, ...[...lists].map((categoryId) => listingTag(categoryId, aspect[change]))]
}

/** Every event of this service, with what it makes untrue in our own cache. A write of any other event is refused. */
export const invalidations: readonly Invalidation[] = [
  defineInvalidation(productChanged, { tagsOf, coarseTags: ['product'] }),
]
