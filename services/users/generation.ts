import type { ServiceGeneration } from '@freshet/subgraph/codegen'

/** What `src/generated/` is made from: by generate.ts, and by the test that compares. */
export const generation: ServiceGeneration = {
  service: 'users',
  folder: new URL('./', import.meta.url),
  contextType: '../context.ts#Context',
  mappers: {
    User: '../account/account.repository.ts#AccountRow',
    Address: '../account/address.repository.ts#AddressRow',
    Session: '../session/session.store.ts#SessionRow',
    Product: '../wishlist/wishlist.repository.ts#ProductRow',
    WishlistItem: '../wishlist/wishlist.repository.ts#WishlistItemRow',
    WishlistConnection: '../wishlist/wishlist.repository.ts#WishlistPageRow',
    Notification: '../notification/notification.repository.ts#NotificationRow',
    NotificationConnection: '../notification/notification.repository.ts#NotificationPageRow',
  },
}
