import { type Kysely, sql } from 'kysely'

/**
 * An index on products (category_id) would serve deletes of categories alone, and every write of a product would pay for it.
 * Categories change by import, which moves and renames them; `freshet db audit` reads this, and tells if one is deleted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    comment on constraint products_category_id_fkey on products is
      'audit-ignore foreign-key.no-index: categories are never deleted, and lists read product_categories'`.execute(
    db,
  )
}
