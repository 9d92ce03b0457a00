import type { Cache } from '@freshet/cache'

export const userNotificationsTag = (userId: string): string => `user-notifications:${userId}`
/** On every entry here: for a change of nobody knows whose. */
export const ANY_NOTIFICATIONS_TAG = 'user-notifications'

/** What everything depends on that is shown of a user's notifications, cached here or not. */
export const notificationsTags = (userId: string): string[] => [
  userNotificationsTag(userId),
  ANY_NOTIFICATIONS_TAG,
]

export type NotificationCache = ReturnType<typeof createNotificationCache>

/** Only the number that a client shows on every page; the list itself is read when it is opened. */
export function createNotificationCache(cache: Cache) {
  return {
    /** By user. */
    unread: cache.define<number>({
      name: 'unread-notifications',
      version: 1,
      ttlSeconds: 3600,
      negativeTtlSeconds: 60,
      jitter: 0.1,
      tags: notificationsTags,
    }),
  }
}
