import { cachedLoader } from '@freshet/subgraph'
import type { VariantCache } from './variant.cache.ts'
import type { VariantRepository } from './variant.repository.ts'

export function createVariantLoaders(variants: VariantRepository, cache: VariantCache) {
  return {
    byId: cachedLoader({ entity: cache.row, load: variants.findByIds }),
    ofProduct: cachedLoader({ entity: cache.ofProduct, load: variants.findByProducts }),
  }
}
