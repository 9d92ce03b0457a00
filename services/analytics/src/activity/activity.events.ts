import { defineEvent, rawId } from '@freshet/events'
import { z } from 'zod'

const ActivityData = z.object({
  activityId: z.uuid().describe('Made by the client; with the user it names the activity'),
  kind: z.enum(['VIEW', 'CART_ADD', 'PURCHASE']),
  productId: rawId,
  userId: rawId.nullable().describe('Null for a guest'),
  quantity: z.int().min(1).max(1_000).describe('Pieces'),
  occurredAt: z.iso.datetime(),
})

/** What one viewer did, once. */
export type Activity = z.infer<typeof ActivityData>

export const activityTracked = defineEvent({
  type: 'freshet.analytics.activity-tracked.v1',
  topic: 'analytics.activity',
  description: 'A viewer saw a product, put it into the cart, or bought it.',
  subject: (data) => data.productId,
  data: ActivityData,
})

/** By user, so that nobody can take away an activity of somebody else by sending its id first. */
export function activityKey(activity: Activity): string {
  return `${activity.userId ?? 'guest'}:${activity.activityId}`
}
