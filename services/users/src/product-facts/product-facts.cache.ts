import type { Cache } from '@freshet/cache'
import type { ProductFactsRow } from './product-facts.repository.ts'

export const productFactsTag = (productId: string): string => `product-facts:${productId}`

export type ProductFactsCache = ReturnType<typeof createProductFactsCache>

export function createProductFactsCache(cache: Cache) {
  return {
    /** By product. */
    facts: cache.define<ProductFactsRow>({
      name: 'product-facts',
      version: 1,
      ttlSeconds: 3600,
      // A product that is missing here is most likely a very new one, whose event is on its way.
      negativeTtlSeconds: 10,
      jitter: 0.1,
      tags: (productId) => [productFactsTag(productId)],
    }),
  }
}
