import { defineEvent, rawId } from '@freshet/events'
import { z } from 'zod'
import { userNotificationsTag } from './notification.cache.ts'

/** The most accounts that one event names: keeps messages small, however many wish for a product. */
export const ACCOUNTS_PER_EVENT = 500

export const notificationsChanged = defineEvent({
  type: 'freshet.users.notifications-changed.v1',
  topic: 'users.notification',
  description: 'Accounts got a notification, or read some. Says whose lists changed, not what is in them.',
  // Only invalidations follow from it, which may come in any order: any of the accounts will do.
  subject: (data) => data.userIds[0] ?? '',
  data: z.object({
    userIds: z.array(rawId).min(1).max(ACCOUNTS_PER_EVENT).describe('The raw ids of the accounts.'),
    change: z.enum(['created', 'read']),
  }),
})

export const notificationsChangedTags = ({ userIds }: { userIds: readonly string[] }): string[] =>
  userIds.map(userNotificationsTag)

/** One event for each 500 accounts. */
export function notifiedInChunks(userIds: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let start = 0; start < userIds.length; start += ACCOUNTS_PER_EVENT) {
    chunks.push(userIds.slice(start, start + ACCOUNTS_PER_EVENT))
  }
  return chunks
}
