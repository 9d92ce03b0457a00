import { defineEvent } from '@freshet/events'
import { z } from 'zod'

const id = z.string().regex(/^[1-9]\d{0,17}$/)

/** What consumers are told of a product, enough to keep a copy of its facts without asking back. */
export const productChanged = defineEvent({
  type: 'freshet.catalog.product-changed.v1',
  topic: 'catalog.product',
  description: 'A product was created, or one of its fields, its price or its stock changed.',
  subject: (data) => data.productId,
  data: z.object({
    productId: id,
    version: z
      .int()
      .positive()
      .describe('Grows by one with every change: an older one never overwrites a newer.'),
    change: z.enum(['created', 'updated', 'priced', 'restocked']),
    title: z.string(),
    sellerId: id,
    categoryIds: z.array(id).min(1).describe('From the root down to the category that it is filed under.'),
    previousCategoryIds: z.array(id).optional().describe('Where it was found before, if it has moved.'),
    price: z.object({ amount: z.int().min(0).max(2_000_000_000), currency: z.string().regex(/^[A-Z]{3}$/) }),
    available: z.int().min(0).describe('Pieces, over all variants.'),
    stockFlipped: z
      .boolean()
      .optional()
      .describe('Of a restocking: whether it came into stock, or sold out.'),
    changedAt: z.iso.datetime(),
  }),
})

export type ProductChanged = z.infer<typeof productChanged.data>
