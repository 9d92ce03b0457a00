import type { CatalogLoaders } from '../context.ts'
import type { Resolvers } from '../generated/graphql.ts'
import type { ProductRow } from '../product/product.repository.ts'
import { listingRequest } from './listing.arguments.ts'
import type { ListingRequest } from './listing.request.ts'

/** A connection is its request: each field loads what it needs, so that nothing is counted that nobody asked for. */
export const listingResolvers: Resolvers = {
  Query: {
    products: (_root, args, { loaders }) => loaders.listing.admit(listingRequest(args, null)),
  },

  ProductConnection: {
    edges: (request, _args, { loaders }) => edges(request, loaders),
    nodes: async (request, _args, { loaders }) => (await edges(request, loaders)).map(({ node }) => node),
    pageInfo: async (request, _args, { loaders }) => (await loaders.listing.page.load(request)).pageInfo,
    totalCount: (request, _args, { loaders }) => loaders.listing.count.load(request),
    facets: (request, _args, { loaders }) => loaders.listing.facets.load(request),
  },

  ProductFacets: {
    brands: async ({ brands }, _args, { loaders }) => {
      const found = await Promise.all(
        brands.map(async ({ brandId, count }) => ({ brand: await loaders.brand.byId.load(brandId), count })),
      )
      return found.filter((facet) => facet.brand !== null) as {
        brand: NonNullable<(typeof found)[0]['brand']>
        count: number
      }[]
    },
    prices: ({ prices, currency }) =>
      prices.map(({ from, to, count }) => ({
        from: { amount: from, currency: currency! },
        to: to === null ? null : { amount: to, currency: currency! },
        count,
      })),
  },
}

/** A product that has gone since its page was read is left out: a list has no holes. */
async function edges(
  request: ListingRequest,
  loaders: CatalogLoaders,
): Promise<{ node: ProductRow; cursor: string }[]> {
  const { ids, cursors } = await loaders.listing.page.load(request)
  const products = await Promise.all(ids.map((id) => loaders.product.byId.load(id)))
  return products.flatMap((node, index) => (node ? [{ node, cursor: cursors[index]! }] : []))
}
