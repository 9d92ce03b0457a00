import { aligned, type KeysetOrder, type KeysetPage, keysetPages } from '@freshet/database'
import type { Connection } from '@freshet/subgraph'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { PageRequest } from '../page-loader.ts'

export type NotificationKind = 'WELCOME' | 'PRICE_DROP'

export interface NotificationRow {
  readonly id: string
  readonly kind: NotificationKind
  readonly message: string
  readonly productId: string | null
  readonly createdAt: Date
  readonly readAt: Date | null
}

/** A page of one user's list, as its connection's resolvers get it. */
export interface NotificationPageRow extends Connection<NotificationRow> {
  readonly userId: string
}

/** The newest first; the index notifications_of_user has the same order. */
const newestFirst: KeysetOrder = {
  name: 'notifications.newest',
  columns: [
    { column: 'notifications.created_at', type: 'timestamptz', direction: 'desc' },
    { column: 'notifications.id', type: 'bigint', direction: 'desc' },
  ],
}

export type NotificationRepository = ReturnType<typeof createNotificationRepository>

export function createNotificationRepository(db: Kysely<DB>) {
  return {
    /** Pages of several users' lists; one statement for each distinct set of page arguments. */
    findPages: (requests: readonly PageRequest[]): Promise<KeysetPage<NotificationRow>[]> =>
      keysetPages(db, {
        requests,
        order: newestFirst,
        query: (userId) =>
          db
            .selectFrom('notifications')
            .select([
              'notifications.id',
              // The table's check constraint holds no other words.
              sql<NotificationKind>`notifications.kind`.as('kind'),
              'notifications.message',
              'notifications.product_id as productId',
              'notifications.created_at as createdAt',
              'notifications.read_at as readAt',
            ])
            .where('notifications.user_id', '=', userId),
      }),

    /** How many of each user's are unread. */
    countUnread: async (userIds: readonly string[]): Promise<number[]> => {
      const rows = await db
        .selectFrom('notifications')
        .select((select) => [
          'user_id as id',
          select.cast<number>(select.fn.countAll(), 'integer').as('count'),
        ])
        .where('user_id', '=', sql<string>`any(${userIds}::bigint[])`)
        .where('read_at', 'is', null)
        .groupBy('user_id')
        .execute()
      return aligned(
        userIds,
        rows,
        (row) => row.id,
        (id) => ({ id, count: 0 }),
      ).map((row) => row.count)
    },

    async insertWelcome(trx: Transaction<DB>, userId: string, message: string): Promise<void> {
      await trx.insertInto('notifications').values({ user_id: userId, kind: 'WELCOME', message }).execute()
    },

    /**
     * Tells all who wish for the product and want to be told, in one statement, however many they are.
     * @param causedBy the event's id: the same event tells nobody twice.
     * @returns who was told
     */
    async insertPriceDrops(
      trx: Transaction<DB>,
      { productId, message, causedBy }: { productId: string; message: string; causedBy: string },
    ): Promise<string[]> {
      const rows = await trx
        .insertInto('notifications')
        .columns(['user_id', 'kind', 'message', 'product_id', 'caused_by'])
        .expression((from) =>
          from
            .selectFrom('wishlist_items')
            .innerJoin('accounts', 'accounts.id', 'wishlist_items.user_id')
            .select([
              'wishlist_items.user_id',
              sql<string>`'PRICE_DROP'`.as('kind'),
              sql<string>`${message}::text`.as('message'),
              'wishlist_items.product_id',
              sql<string>`${causedBy}::text`.as('caused_by'),
            ])
            .where('wishlist_items.product_id', '=', productId)
            .where('accounts.price_drop_notifications', '=', true),
        )
        .onConflict((conflict) =>
          conflict.columns(['caused_by', 'user_id']).where('caused_by', 'is not', null).doNothing(),
        )
        .returning('user_id')
        .execute()
      return rows.map((row) => row.user_id)
    },

    /** `ids` null means all. Other users' are left alone, whatever ids are given. Returns how many were unread. */
    async markRead(trx: Transaction<DB>, userId: string, ids: readonly string[] | null): Promise<number> {
      let update = trx
        .updateTable('notifications')
        .set({ read_at: sql<Date>`now()` })
        .where('user_id', '=', userId)
        .where('read_at', 'is', null)
      if (ids !== null) update = update.where('id', '=', sql<string>`any(${ids}::bigint[])`)
      const { numUpdatedRows } = await update.executeTakeFirst()
      return Number(numUpdatedRows)
    },
  }
}
