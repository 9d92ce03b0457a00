import { cachedLoader } from '@freshet/subgraph'
import type { ProductCache } from './product.cache.ts'
import type { ProductRepository } from './product.repository.ts'

export function createProductLoaders(products: ProductRepository, cache: ProductCache) {
  return {
    byId: cachedLoader({ entity: cache.row, load: products.findByIds }),
  }
}
