import { boundedInt, decodeId, encodeId, unauthenticated } from '@freshet/subgraph'
import type { CatalogContext } from '../context.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { noFilter } from '../listing/listing.request.ts'
import type { Changed } from './product.change.ts'
import { newPrice, newProduct, productPatch, stockChange } from './product.input.ts'

const maxRelated = 24

export const productResolvers: Resolvers = {
  Query: {
    product: (_root, { id }, { loaders }) => loaders.product.byId.load(decodeId('Product', id)),
  },

  Mutation: {
    createProduct: async (_root, { input }, context) =>
      answer(context, await context.products.create(viewerOf(context), newProduct(input))),
    updateProduct: async (_root, { input }, context) =>
      answer(context, await context.products.update(viewerOf(context), productPatch(input))),
    setPrice: async (_root, { input }, context) =>
      answer(context, await context.products.setPrice(viewerOf(context), newPrice(input))),
    adjustStock: async (_root, { input }, context) => {
      const change = stockChange(input)
      const { product, userErrors } = answer(
        context,
        await context.products.adjustStock(viewerOf(context), change),
      )
      const variant = product ? await context.loaders.variant.byId.load(change.variantId) : null
      return { product, variant, userErrors }
    },
  },

  Product: {
    __resolveReference: ({ id }, { loaders }) => loaders.product.byId.load(decodeId('Product', id)),
    id: ({ id }) => encodeId('Product', id),
    brand: ({ brandId }, _args, { loaders }) => (brandId === null ? null : loaders.brand.byId.load(brandId)),
    category: ({ categoryId }, _args, { loaders }) => loaders.category.byId.load(categoryId),
    categories: async ({ categoryId }, _args, { loaders }) => {
      const category = await loaders.category.byId.load(categoryId)
      return category ? loaders.category.all(category.pathIds) : []
    },
    variants: ({ id }, _args, { loaders }) => loaders.variant.ofProduct.load(id),
    stock: ({ available }) => ({ available, inStock: available > 0 }),
    seller: ({ sellerId }) => ({ id: encodeId('User', sellerId) }),
    related: async ({ id, categoryId }, args, { loaders }) => {
      const first = boundedInt(args.first ?? 6, { argument: 'first', min: 1, max: maxRelated })
      // One page for all products of the category, however many are asked for: it is cached once.
      const popular = await loaders.listing.page.load({
        categoryId,
        filter: noFilter,
        sort: 'POPULARITY_DESC',
        page: { first: maxRelated + 1 },
      })
      const others = popular.ids.filter((other) => other !== id).slice(0, first)
      const products = await Promise.all(others.map((other) => loaders.product.byId.load(other)))
      return products.filter((product) => product !== null)
    },
  },
}

function viewerOf(context: CatalogContext) {
  const viewer = context.viewer()
  if (!viewer) throw unauthenticated()
  return viewer
}

/** What this request has loaded so far may be from before the change. */
function answer(context: CatalogContext, changed: Changed) {
  context.renewLoaders()
  if (changed.refused) return { product: null, userErrors: [changed.refused] }
  context.loaders.product.byId.prime(changed.product.id, changed.product)
  return { product: changed.product, userErrors: [] }
}
