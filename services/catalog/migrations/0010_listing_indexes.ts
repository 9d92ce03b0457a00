import { createIndexConcurrently, dropIndexConcurrently } from '@freshet/database'
import { type Kysely, sql } from 'kysely'

export const transactional = false

/**
 * What is counted, sorted into facets or filtered by anything is read from the first index alone, the most popular products
 * first. A seller's products, and attributes that hardly any product has, are looked up.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createIndexConcurrently(
    db,
    'product_categories_ranked',
    sql`on product_categories (category_id, popularity desc, product_id desc)
      include (price_minor, currency, brand_id, in_stock, attribute_keys)`,
  )
  await createIndexConcurrently(
    db,
    'product_categories_of_seller',
    sql`on product_categories (category_id, seller_id, popularity desc, product_id desc)`,
  )
  await createIndexConcurrently(
    db,
    'product_categories_with_attribute',
    sql`on product_categories using gin (attribute_keys)`,
  )
  await dropIndexConcurrently(db, 'product_categories_by_popularity')
}
