import { defineReading, rawId } from '@freshet/events'
import { z } from 'zod'

/** What is read of a changed product: the version that an answer must have reached. */
export const productChanged = defineReading({
  type: 'freshet.catalog.product-changed.v1',
  topic: 'catalog.product',
  data: z.object({ productId: rawId, version: z.int().positive() }),
})
