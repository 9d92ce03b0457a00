import DataLoader from 'dataloader'
import { createPageLoader } from '../page-loader.ts'
import type { NotificationCache } from './notification.cache.ts'
import type { NotificationRepository } from './notification.repository.ts'

export function createNotificationLoaders(parts: {
  notifications: NotificationRepository
  cache: NotificationCache
}) {
  const { notifications, cache } = parts
  return {
    page: createPageLoader(notifications.findPages),
    /** By user. */
    unread: new DataLoader<string, number>(async (ids) => {
      const counts = await cache.unread.getMany(ids, notifications.countUnread)
      return counts.map((count) => count ?? 0)
    }),
  }
}
