import { defineEvent, rawId } from '@freshet/events'
import { z } from 'zod'

export const productStatsChanged = defineEvent({
  type: 'freshet.analytics.product-stats-changed.v1',
  topic: 'analytics.product-stats',
  description: 'Activity on a product was counted: what is cached of its statistics is old.',
  subject: (data) => data.productId,
  data: z.object({ productId: rawId }),
})
