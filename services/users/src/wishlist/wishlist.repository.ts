import { aligned, type KeysetOrder, type KeysetPage, keysetPages } from '@freshet/database'
import type { Connection } from '@freshet/subgraph'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { PageRequest } from '../page-loader.ts'

export interface WishlistItemRow {
  readonly id: string
  readonly productId: string
  readonly addedAt: Date
  /** Both null when the price was not known. */
  readonly priceMinor: number | null
  readonly currency: string | null
}

/** A page of one user's list, as its connection's resolvers get it. */
export interface WishlistPageRow extends Connection<WishlistItemRow> {
  readonly userId: string
}

/** A product as far as this service has anything to say of it. */
export interface ProductRow {
  readonly id: string
}

/** The newest first; the index wishlist_items_of_user has the same order. */
const newestFirst: KeysetOrder = {
  name: 'wishlist.newest',
  columns: [
    { column: 'wishlist_items.added_at', type: 'timestamptz', direction: 'desc' },
    { column: 'wishlist_items.id', type: 'bigint', direction: 'desc' },
  ],
}

export type WishlistRepository = ReturnType<typeof createWishlistRepository>

export function createWishlistRepository(db: Kysely<DB>) {
  return {
    /** Pages of several users' lists; one statement for each distinct set of page arguments. */
    findPages: (requests: readonly PageRequest[]): Promise<KeysetPage<WishlistItemRow>[]> =>
      keysetPages(db, {
        requests,
        order: newestFirst,
        query: (userId) =>
          db.selectFrom('wishlist_items').select(itemColumns).where('wishlist_items.user_id', '=', userId),
      }),

    /** How many things each user wishes for. */
    countByUsers: async (userIds: readonly string[]): Promise<number[]> => {
      const rows = await db
        .selectFrom('wishlist_items')
        .select((select) => [
          'user_id as id',
          select.cast<number>(select.fn.countAll(), 'integer').as('count'),
        ])
        .where('user_id', '=', sql<string>`any(${userIds}::bigint[])`)
        .groupBy('user_id')
        .execute()
      return inOrder(userIds, rows)
    },

    /** How many users wish for each product. */
    countByProducts: async (productIds: readonly string[]): Promise<number[]> => {
      const rows = await db
        .selectFrom('wishlist_items')
        .select((select) => [
          'product_id as id',
          select.cast<number>(select.fn.countAll(), 'integer').as('count'),
        ])
        .where('product_id', '=', sql<string>`any(${productIds}::bigint[])`)
        .groupBy('product_id')
        .execute()
      return inOrder(productIds, rows)
    },

    /** Which of the products one user wishes for. */
    async contains(userId: string, productIds: readonly string[]): Promise<boolean[]> {
      const rows = await db
        .selectFrom('wishlist_items')
        .select('product_id')
        .where('user_id', '=', userId)
        .where('product_id', '=', sql<string>`any(${productIds}::bigint[])`)
        .execute()
      const wished = new Set(rows.map((row) => row.product_id))
      return productIds.map((id) => wished.has(id))
    },

    /** Before a user's list grows: adds of one user run one after the other, so that the limit holds. */
    async lockOwner(trx: Transaction<DB>, userId: string): Promise<boolean> {
      const row = await trx
        .selectFrom('accounts')
        .select('id')
        .where('id', '=', userId)
        .forNoKeyUpdate()
        .executeTakeFirst()
      return row !== undefined
    },

    async find(trx: Transaction<DB>, userId: string, productId: string): Promise<WishlistItemRow | null> {
      const row = await trx
        .selectFrom('wishlist_items')
        .select(itemColumns)
        .where('user_id', '=', userId)
        .where('product_id', '=', productId)
        .executeTakeFirst()
      return row ?? null
    },

    async count(trx: Transaction<DB>, userId: string): Promise<number> {
      const row = await trx
        .selectFrom('wishlist_items')
        .select((select) => select.cast<number>(select.fn.countAll(), 'integer').as('count'))
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow()
      return row.count
    },

    async insert(
      trx: Transaction<DB>,
      item: { userId: string; productId: string; priceMinor: number; currency: string },
    ): Promise<WishlistItemRow> {
      return await trx
        .insertInto('wishlist_items')
        .values({
          user_id: item.userId,
          product_id: item.productId,
          price_minor: item.priceMinor,
          currency: item.currency,
        })
        .returning(itemColumns)
        .executeTakeFirstOrThrow()
    },

    /** False when it was not on the list. */
    async delete(trx: Transaction<DB>, userId: string, productId: string): Promise<boolean> {
      const { numDeletedRows } = await trx
        .deleteFrom('wishlist_items')
        .where('user_id', '=', userId)
        .where('product_id', '=', productId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

const itemColumns = [
  'wishlist_items.id',
  'wishlist_items.product_id as productId',
  'wishlist_items.added_at as addedAt',
  'wishlist_items.price_minor as priceMinor',
  'wishlist_items.currency',
] as const

function inOrder(ids: readonly string[], rows: readonly { id: string; count: number }[]): number[] {
  return aligned(
    ids,
    rows,
    (row) => row.id,
    (id) => ({ id, count: 0 }),
  ).map((row) => row.count)
}
