import { cachedLoader } from '@freshet/subgraph'
import type { ProductFactsCache } from './product-facts.cache.ts'
import type { ProductFactsRepository } from './product-facts.repository.ts'

export function createProductFactsLoaders(parts: {
  facts: ProductFactsRepository
  cache: ProductFactsCache
}) {
  const { facts, cache } = parts
  return {
    byProduct: cachedLoader({ entity: cache.facts, load: facts.findByIds }),
  }
}
