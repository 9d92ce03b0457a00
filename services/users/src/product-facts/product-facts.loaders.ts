import DataLoader from 'dataloader'
import type { ProductFactsCache } from './product-facts.cache.ts'
import type { ProductFactsRepository, ProductFactsRow } from './product-facts.repository.ts'

export function createProductFactsLoaders(parts: {
  facts: ProductFactsRepository
  cache: ProductFactsCache
}) {
  const { facts, cache } = parts
  return {
    byProduct: new DataLoader<string, ProductFactsRow | null>((ids) =>
      cache.facts.getMany(ids, facts.findByIds),
    ),
  }
}
