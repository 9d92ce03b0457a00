import { cachedLoader } from '@freshet/subgraph'
import { createPageLoader } from '../page-loader.ts'
import { type NotificationCache, notificationsTags } from './notification.cache.ts'
import type { NotificationRepository } from './notification.repository.ts'

export function createNotificationLoaders(parts: {
  notifications: NotificationRepository
  cache: NotificationCache
}) {
  const { notifications, cache } = parts
  return {
    page: createPageLoader(notifications.findPages, notificationsTags),
    /** By user. */
    unread: cachedLoader({ entity: cache.unread, load: notifications.countUnread }),
  }
}
