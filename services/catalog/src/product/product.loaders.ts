import DataLoader from 'dataloader'
import type { ProductCache } from './product.cache.ts'
import type { ProductRepository, ProductRow } from './product.repository.ts'

export function createProductLoaders(products: ProductRepository, cache: ProductCache) {
  return {
    byId: new DataLoader<string, ProductRow | null>((ids) => cache.row.getMany(ids, products.findByIds)),
  }
}
