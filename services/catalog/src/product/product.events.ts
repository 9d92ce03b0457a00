import { defineEvent, rawId } from '@freshet/events'
import { maxAmount } from '@freshet/subgraph'
import { z } from 'zod'

/** What consumers are told of a product, enough to keep a copy of its facts without asking back. */
export const productChanged = defineEvent({
  type: 'freshet.catalog.product-changed.v1',
  topic: 'catalog.product',
  description: 'A product was created, or one of its fields, its price or its stock changed.',
  subject: (data) => data.productId,
  data: z.object({
    productId: rawId,
    version: z
      .int()
      .positive()
      .max(2_147_483_647)
      .describe('Grows by one with every change: an older one never overwrites a newer.'),
    change: z.enum(['created', 'updated', 'priced', 'restocked']),
    title: z.string(),
    sellerId: rawId,
    categoryIds: z.array(rawId).min(1).describe('From the root down to the category that it is filed under.'),
    previousCategoryIds: z.array(rawId).optional().describe('Where it was found before, if it has moved.'),
    price: z.object({ amount: z.int().min(0).max(maxAmount), currency: z.string().regex(/^[A-Z]{3}$/) }),
    available: z.int().min(0).describe('Pieces, over all variants.'),
    stockFlipped: z
      .boolean()
      .optional()
      .describe('Of a restocking: whether it came into stock, or sold out.'),
    changedAt: z.iso.datetime(),
  }),
})

export type ProductChanged = z.infer<typeof productChanged.data>
