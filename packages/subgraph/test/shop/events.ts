import { defineEvent } from '@freshet/events'
import { z } from 'zod'
import { defineInvalidation } from '../../src/index.ts'

export const productRenamed = defineEvent({
  type: 'freshet.shop.product-renamed.v1',
  topic: 'shop.product',
  description: 'A product has another name.',
  subject: ({ id }) => id,
  data: z.object({ id: z.string() }),
})

export const invalidations = [
  defineInvalidation(productRenamed, { tagsOf: ({ id }) => [`product:${id}`], coarseTags: ['product'] }),
]
