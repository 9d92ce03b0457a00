import { type CategoryRow, findAncestors, findCategory } from './category.ts'
import type { Context } from './context.ts'
import { decodeId, encodeId } from './ids.ts'
import { findProduct, type ProductRow } from './product-row.ts'

interface VariantRow {
  id: string
  price_minor: number
  currency: string
}

/** Each field asks the database for what it needs, for each product by itself. */
export const productResolvers = {
  Query: {
    product: (_root: unknown, { id }: { id: string }, { db }: Context) =>
      findProduct(db, decodeId('Product', id)),
  },
  Product: {
    id: ({ id }: ProductRow) => encodeId('Product', id),
    price: ({ price_minor, currency }: ProductRow) => ({ amount: price_minor, currency }),
    stock: ({ available }: ProductRow) => ({ available, inStock: available > 0 }),
    createdAt: ({ created_at }: ProductRow) => created_at,
    updatedAt: ({ updated_at }: ProductRow) => updated_at,

    async brand({ brand_id }: ProductRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query('select * from brands where id = $1', [brand_id])
      return rows[0] ?? null
    },
    async categories({ category_id }: ProductRow, _args: unknown, { db }: Context): Promise<CategoryRow[]> {
      const category = await findCategory(db, category_id)
      return category ? [...(await findAncestors(db, category)), category] : []
    },
    async variants({ id }: ProductRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query('select * from variants where product_id = $1 order by position, id', [
        id,
      ])
      return rows
    },
    async seller({ seller_id }: ProductRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query('select * from users where id = $1', [seller_id])
      return rows[0] ?? null
    },
    async wishlistedByCount({ id }: ProductRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query<{ count: number }>(
        'select count(*)::integer as count from wishlist_items where product_id = $1',
        [id],
      )
      return rows[0]?.count
    },
    async related({ id, category_id }: ProductRow, { first }: { first: number }, { db }: Context) {
      const { rows } = await db.query(
        `select * from products where category_id = $1 and id <> $2 and status = 'ACTIVE'
         order by popularity desc, id desc limit $3`,
        [category_id, id, first],
      )
      return rows
    },
  },
  Brand: { id: ({ id }: { id: string }) => encodeId('Brand', id) },
  Variant: {
    id: ({ id }: VariantRow) => encodeId('Variant', id),
    price: ({ price_minor, currency }: VariantRow) => ({ amount: price_minor, currency }),
  },
}
