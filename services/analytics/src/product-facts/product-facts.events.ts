import { defineReading } from '@freshet/events'
import { z } from 'zod'

const ProductFactsData = z.object({
  productId: z.string(),
  version: z.int(),
  title: z.string(),
  sellerId: z.string(),
  categoryIds: z.array(z.string()),
  price: z.object({ amount: z.int(), currency: z.string() }),
})

/** The part of a product that analytics reads from catalog's event. */
export type ProductFacts = z.infer<typeof ProductFactsData>

export const productChanged = defineReading({
  type: 'freshet.catalog.product-changed.v1',
  topic: 'catalog.product',
  data: ProductFactsData,
})
