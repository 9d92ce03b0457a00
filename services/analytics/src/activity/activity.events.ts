import { defineEvent, rawId } from '@freshet/events'
import { z } from 'zod'

/** How old an activity may be when its client reports it. */
export const MAX_AGE_MS = 7 * 86_400_000
/** How long it may then wait to be counted: as long as a dead letter is kept, which is replayed as it was. */
const MAX_DELAY_MS = 30 * 86_400_000
/** The clocks of two processes differ, but not by that much. */
const MAX_AHEAD_MS = 3_600_000

const ActivityData = z.object({
  activityId: z.uuid().describe('Made by the client; with the user it names the activity'),
  kind: z.enum(['VIEW', 'CART_ADD', 'PURCHASE']),
  productId: rawId,
  userId: rawId.nullable().describe('Null for a guest'),
  quantity: z.int().min(1).max(1_000).describe('Pieces'),
  occurredAt: z.iso
    .datetime()
    .refine(isCountable, { error: 'is too long ago, or in the future' })
    .describe(
      'At most 7 days before it was tracked. Not read when 37 days old, or an hour ahead of the clock.',
    ),
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

/**
 * Holds for whatever `track` has let pass. What did not come from there may be of any year: one of a coming year would
 * wait in the default partition for that year, where retention does not end it, and would be counted on days to come.
 */
function isCountable(occurredAt: string): boolean {
  const age = Date.now() - Date.parse(occurredAt)
  return age >= -MAX_AHEAD_MS && age <= MAX_AGE_MS + MAX_DELAY_MS
}

/** By user, so that nobody can take away an activity of somebody else by sending its id first. */
export function activityKey(activity: Activity): string {
  return `${activity.userId ?? 'guest'}:${activity.activityId}`
}
