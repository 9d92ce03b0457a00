import { defineEvent, rawId } from '@freshet/events'
import { z } from 'zod'
import { productWishlistedTag, userWishlistTag } from './wishlist.cache.ts'

export const wishlistChanged = defineEvent({
  type: 'freshet.users.wishlist-changed.v1',
  topic: 'users.wishlist',
  description: 'A product was put on a wishlist, or taken off one.',
  subject: (data) => data.userId,
  data: z.object({
    userId: rawId.describe('The raw id of the account.'),
    productId: rawId.describe('The raw id of the product.'),
    change: z.enum(['added', 'removed']),
  }),
})

export const wishlistChangedTags = (data: { userId: string; productId: string }): string[] => [
  userWishlistTag(data.userId),
  productWishlistedTag(data.productId),
]
