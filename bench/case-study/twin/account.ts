import type { Context } from './context.ts'
import { encodeId } from './ids.ts'
import { findProduct } from './product-row.ts'

interface UserRow {
  id: string
  display_name: string
  email: string
  roles: string[]
}

interface WishRow {
  product_id: string
  added_at: Date
  price_minor: number | null
  currency: string | null
}

/** What only its owner may read. */
const isOwner = ({ id }: UserRow, { viewer }: Context) => viewer?.id === id

const productOf = ({ product_id }: { product_id: string | null }, _args: unknown, { db }: Context) =>
  product_id === null ? null : findProduct(db, product_id)

export const accountResolvers = {
  Query: {
    async me(_root: unknown, _args: unknown, { db, viewer }: Context) {
      if (viewer === null) return null
      const { rows } = await db.query('select * from users where id = $1', [viewer.id])
      return rows[0] ?? null
    },
  },
  User: {
    id: ({ id }: UserRow) => encodeId('User', id),
    displayName: ({ display_name }: UserRow) => display_name,
    email: (user: UserRow, _args: unknown, context: Context) => (isOwner(user, context) ? user.email : null),
    roles: (user: UserRow, _args: unknown, context: Context) => (isOwner(user, context) ? user.roles : null),
    async wishlist(user: UserRow, { first }: { first: number }, context: Context) {
      if (!isOwner(user, context)) return null
      const { rows } = await context.db.query(
        'select * from wishlist_items where user_id = $1 order by added_at desc, id desc limit $2',
        [user.id, first],
      )
      return { nodes: rows, userId: user.id }
    },
    async notifications(user: UserRow, { first }: { first: number }, context: Context) {
      if (!isOwner(user, context)) return null
      const { rows } = await context.db.query(
        'select * from notifications where user_id = $1 order by created_at desc, id desc limit $2',
        [user.id, first],
      )
      return { nodes: rows, userId: user.id }
    },
    async recentlyViewed(user: UserRow, { first }: { first: number }, context: Context) {
      if (!isOwner(user, context)) return null
      const { rows } = await context.db.query(
        `select product_id, max(occurred_at) as viewed_at from activity where user_id = $1 and kind = 'VIEW'
         group by product_id order by 2 desc, 1 limit $2`,
        [user.id, first],
      )
      return rows
    },
  },
  WishlistConnection: {
    totalCount: ({ userId }: { userId: string }, _args: unknown, { db }: Context) =>
      count(db, 'select count(*)::integer as count from wishlist_items where user_id = $1', userId),
  },
  WishlistItem: {
    product: productOf,
    addedAt: ({ added_at }: WishRow) => added_at,
    priceWhenAdded: ({ price_minor, currency }: WishRow) =>
      price_minor === null ? null : { amount: price_minor, currency },
    /** Rounded down; null when the price has not fallen. */
    async priceDropPercent(wish: WishRow, _args: unknown, { db }: Context) {
      const product = await findProduct(db, wish.product_id)
      if (product === null || wish.price_minor === null || product.currency !== wish.currency) return null
      if (product.price_minor >= wish.price_minor) return null
      return Math.floor(((wish.price_minor - product.price_minor) * 100) / wish.price_minor)
    },
  },
  NotificationConnection: {
    unreadCount: ({ userId }: { userId: string }, _args: unknown, { db }: Context) =>
      count(
        db,
        'select count(*)::integer as count from notifications where user_id = $1 and read_at is null',
        userId,
      ),
  },
  Notification: { product: productOf },
  RecentlyViewed: {
    product: productOf,
    viewedAt: ({ viewed_at }: { viewed_at: Date }) => viewed_at,
  },
}

async function count(db: Context['db'], sql: string, userId: string): Promise<number | undefined> {
  const { rows } = await db.query<{ count: number }>(sql, [userId])
  return rows[0]?.count
}
