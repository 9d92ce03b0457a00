import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { ListingFilter } from './listing.request.ts'
import { type SearchPlan, searchCondition } from './search.repository.ts'

/** A filter whose search knows how to find. */
export interface PlannedFilter extends Omit<ListingFilter, 'search'> {
  search: SearchPlan | null
}

/** What a listing can be sorted, filtered and counted by: `products` and `product_categories` both have it. */
export interface ListedRow {
  id: string
  popularity: number
  price_minor: number
  currency: string
  created_at: Date
  title: string
  brand_id: string | null
  seller_id: string
  in_stock: boolean
}

/**
 * The products of a listing as a query on `listing` without columns, order and limit. PostgreSQL flattens the inner
 * select, so a page is a range of the index of its sort, in either table.
 * @param category a category's id, or an expression for it (a LATERAL's parent); null for the whole shop
 */
export function listingQuery(
  db: Kysely<DB>,
  category: string | Expression<string> | null,
  filter: PlannedFilter,
) {
  const rows = category === null ? shopRows(db, filter) : categoryRows(db, category, filter)
  let query = db.selectFrom(sql<ListedRow>`(${rows})`.as('listing'))
  const { alsoInCategoryId, brandIds, minPrice, maxPrice, inStock, sellerId } = filter
  if (brandIds.length > 0)
    query = query.where('listing.brand_id', '=', sql<string>`any(${brandIds}::bigint[])`)
  if (minPrice !== null) query = query.where('listing.price_minor', '>=', minPrice)
  if (maxPrice !== null) query = query.where('listing.price_minor', '<=', maxPrice)
  if (inStock !== null) query = query.where('listing.in_stock', '=', inStock)
  if (sellerId !== null) query = query.where('listing.seller_id', '=', sellerId)
  if (alsoInCategoryId !== null) {
    const others = db.selectFrom('product_categories').select('product_id')
    query = query.where('listing.id', 'in', others.where('category_id', '=', alsoInCategoryId))
  }
  return query
}

function shopRows(db: Kysely<DB>, filter: PlannedFilter) {
  return db
    .selectFrom('products')
    .select(['id', 'popularity', 'price_minor', 'currency', 'created_at', 'title', 'brand_id', 'seller_id'])
    .select(sql<boolean>`available > 0`.as('in_stock'))
    .where('status', '=', 'ACTIVE')
    .where((eb) => eb.and(contentConditions(filter)))
}

function categoryRows(db: Kysely<DB>, category: string | Expression<string>, filter: PlannedFilter) {
  const listed = db
    .selectFrom('product_categories')
    .select('product_id as id')
    .select([
      'popularity',
      'price_minor',
      'currency',
      'created_at',
      'title',
      'brand_id',
      'seller_id',
      'in_stock',
    ])
    .where('category_id', '=', category as string)
  const conditions = contentConditions(filter)
  if (conditions.length === 0) return listed
  // An id is unique, so PostgreSQL makes a join of this, and begins it at whichever side is smaller.
  const matching = db.selectFrom('products').select('products.id')
  return listed.where(
    'product_id',
    'in',
    matching.where((eb) => eb.and(conditions)),
  )
}

/** Conditions on what only `products` has, each served by a GIN index there. */
function contentConditions({ search, attributes }: PlannedFilter): RawBuilder<SqlBool>[] {
  const conditions = attributes.map(({ name, values }) => {
    const oneOf = values.map(
      (value) => sql`products.attributes @> ${JSON.stringify([{ name, value }])}::jsonb`,
    )
    return sql<SqlBool>`(${sql.join(oneOf, sql` or `)})`
  })
  if (search) conditions.push(searchCondition(search))
  return conditions
}
