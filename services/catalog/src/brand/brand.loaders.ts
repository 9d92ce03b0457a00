import { cachedLoader } from '@freshet/subgraph'
import type { BrandCache } from './brand.cache.ts'
import type { BrandRepository } from './brand.repository.ts'

export function createBrandLoaders(brands: BrandRepository, cache: BrandCache) {
  return {
    byId: cachedLoader({ entity: cache.row, load: brands.findByIds }),
  }
}
