import type { Cache } from '@freshet/cache'
import type { Viewer } from '@freshet/http'
import type { ContextInput } from '@freshet/subgraph'
import type { Kysely } from 'kysely'
import { createBrandCache } from './brand/brand.cache.ts'
import { createBrandLoaders } from './brand/brand.loaders.ts'
import { createBrandRepository } from './brand/brand.repository.ts'
import { createCategoryCache } from './category/category.cache.ts'
import { createCategoryLoaders } from './category/category.loaders.ts'
import { createCategoryRepository } from './category/category.repository.ts'
import type { DB } from './generated/db.ts'
import { createFacetsRepository } from './listing/facets.repository.ts'
import { createListingCache } from './listing/listing.cache.ts'
import { createListingLoaders } from './listing/listing.loaders.ts'
import { createListingRepository } from './listing/listing.repository.ts'
import { createSearchRepository } from './listing/search.repository.ts'
import { createProductCache } from './product/product.cache.ts'
import type { ProductCommands } from './product/product.commands.ts'
import { createProductLoaders } from './product/product.loaders.ts'
import { createProductRepository } from './product/product.repository.ts'
import { createVariantCache } from './variant/variant.cache.ts'
import { createVariantLoaders } from './variant/variant.loaders.ts'
import { createVariantRepository } from './variant/variant.repository.ts'

export type CatalogLoaders = ReturnType<ReturnType<typeof createLoaderFactory>>

/** What resolvers are given: who asks, what they may load, and what they may change. */
export interface CatalogContext {
  readonly viewer: () => Viewer | null
  loaders: CatalogLoaders
  readonly products: ProductCommands
  /** Forgets what was loaded: to be called after a change, which may be followed by others in the same request. */
  renewLoaders(): void
}

/** Makes loaders of what lives as long as the process: repositories, and each entity's caches. */
export function createLoaderFactory({ db, cache }: { db: Kysely<DB>; cache: Cache }) {
  const brands = [createBrandRepository(db), createBrandCache(cache)] as const
  const categories = [createCategoryRepository(db), createCategoryCache(cache)] as const
  const products = [createProductRepository(db), createProductCache(cache)] as const
  const variants = [createVariantRepository(db), createVariantCache(cache)] as const
  const listings = [
    {
      listings: createListingRepository(db),
      facets: createFacetsRepository(db),
      searches: createSearchRepository(db),
    },
    createListingCache(cache),
  ] as const
  /** @param searched lists that the request's former loaders have searched */
  return (searched: Set<string>) => ({
    brand: createBrandLoaders(...brands),
    category: createCategoryLoaders(...categories),
    product: createProductLoaders(...products),
    variant: createVariantLoaders(...variants),
    listing: createListingLoaders(...listings, searched),
  })
}

/** One context for each request: a loader's memory must not outlive it. */
export function createContext(
  createLoaders: (searched: Set<string>) => CatalogLoaders,
  products: ProductCommands,
) {
  return ({ viewer }: Pick<ContextInput, 'viewer'>): CatalogContext => {
    const searched = new Set<string>()
    return {
      viewer,
      products,
      loaders: createLoaders(searched),
      renewLoaders() {
        this.loaders = createLoaders(searched)
      },
    }
  }
}
