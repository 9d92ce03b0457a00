import { decodeId, encodeId, pageArguments, toConnection } from '@freshet/subgraph'
import { isOwner, signedInViewer } from '../account/account.resolvers.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { priceDropPercent } from './price-drop.ts'

export const wishlistResolvers: Resolvers = {
  Mutation: {
    addToWishlist: async (_root, { input }, context) => {
      const { id } = signedInViewer(context)
      const productId = decodeId('Product', input.productId, 'input.productId')
      const added = await context.commands.wishlist.add(id, productId)
      context.forgetLoaded()
      if ('refused' in added) return { item: null, product: null, userErrors: [added.refused] }
      return { item: added.item, product: { id: productId }, userErrors: [] }
    },
    removeFromWishlist: async (_root, { input }, context) => {
      const { id } = signedInViewer(context)
      const productId = decodeId('Product', input.productId, 'input.productId')
      await context.commands.wishlist.remove(id, productId)
      context.forgetLoaded()
      return { product: { id: productId }, userErrors: [] }
    },
  },
  User: {
    wishlist: async (account, args, context) => {
      if (!isOwner(account, context)) return null
      const page = await context.loaders.wishlist.page.load({ parent: account.id, page: pageArguments(args) })
      return { ...toConnection(page), userId: account.id }
    },
  },
  WishlistConnection: {
    totalCount: ({ userId }, _args, { loaders }) => loaders.wishlist.total.load(userId),
  },
  WishlistItem: {
    id: ({ id }) => encodeId('WishlistItem', id),
    product: ({ productId }) => ({ id: productId }),
    priceWhenAdded: ({ priceMinor, currency }) =>
      priceMinor === null || currency === null ? null : { amount: priceMinor, currency },
    priceDropPercent: async (item, _args, { loaders }) =>
      priceDropPercent(item, await loaders.productFacts.byProduct.load(item.productId)),
  },
  // Whether a product exists is catalog's to say: any well-formed id can be wished for by nobody.
  Product: {
    __resolveReference: ({ id }) => ({ id: decodeId('Product', id, 'id') }),
    id: ({ id }) => encodeId('Product', id),
    wishlistedByCount: ({ id }, _args, { loaders }) => loaders.wishlist.wishedBy.load(id),
    viewerHasWishlisted: ({ id }, _args, { loaders }) => loaders.wishlist.viewerHas.load(id),
  },
}
