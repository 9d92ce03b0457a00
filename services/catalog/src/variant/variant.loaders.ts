import DataLoader from 'dataloader'
import type { VariantCache } from './variant.cache.ts'
import type { VariantRepository, VariantRow } from './variant.repository.ts'

export function createVariantLoaders(variants: VariantRepository, cache: VariantCache) {
  return {
    byId: new DataLoader<string, VariantRow | null>((ids) => cache.row.getMany(ids, variants.findByIds)),
    ofProduct: new DataLoader<string, VariantRow[] | null>((productIds) =>
      cache.ofProduct.getMany(productIds, variants.findByProducts),
    ),
  }
}
