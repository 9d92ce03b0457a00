import { newEvent } from '@freshet/events'
import type { Write } from '@freshet/subgraph'
import type { DB } from '../generated/db.ts'
import { notificationsChanged } from './notification.events.ts'
import type { NotificationRepository } from './notification.repository.ts'

export type NotificationCommands = ReturnType<typeof createNotificationCommands>

export function createNotificationCommands(parts: {
  write: Write<DB>
  notifications: NotificationRepository
}) {
  const { write, notifications } = parts

  return {
    /** `ids` null means all; ids of nobody's or of others' notifications count for nothing. Returns how many were unread. */
    markRead: (userId: string, ids: readonly string[] | null): Promise<number> =>
      write(async (trx) => {
        const read = newEvent(notificationsChanged, { userIds: [userId], change: 'read' })
        const marked = await notifications.markRead(trx, userId, ids)
        return {
          result: marked,
          events: marked > 0 ? [read] : [],
          madeBefore: marked > 0 ? [] : [read],
        }
      }),
  }
}
