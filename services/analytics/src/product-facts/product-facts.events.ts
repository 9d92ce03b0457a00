import { defineReading, rawId } from '@freshet/events'
import { z } from 'zod'

const int32 = z.int().min(0).max(2_147_483_647)

const ProductFactsData = z.object({
  productId: rawId,
  version: int32,
  title: z.string(),
  sellerId: rawId,
  categoryIds: z.array(rawId),
  price: z.object({ amount: int32, currency: z.string() }),
})

/** The part of a product that analytics reads from catalog's event. */
export type ProductFacts = z.infer<typeof ProductFactsData>

export const productChanged = defineReading({
  type: 'freshet.catalog.product-changed.v1',
  topic: 'catalog.product',
  data: ProductFactsData,
})
