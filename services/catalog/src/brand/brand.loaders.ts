import DataLoader from 'dataloader'
import type { BrandCache } from './brand.cache.ts'
import type { BrandRepository, BrandRow } from './brand.repository.ts'

export function createBrandLoaders(brands: BrandRepository, cache: BrandCache) {
  return {
    byId: new DataLoader<string, BrandRow | null>((ids) => cache.row.getMany(ids, brands.findByIds)),
  }
}
