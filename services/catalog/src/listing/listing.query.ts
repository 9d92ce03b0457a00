import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { ListingFilter } from './listing.request.ts'
import { type SearchPlan, searchCondition } from './search.repository.ts'

/** A filter whose search knows how to find. */
export interface PlannedFilter extends Omit<ListingFilter, 'search'> {
  search: SearchPlan | null
}

/** The category in `product_categories` that all products are in. No client can name it: their ids begin at 1. */
const WHOLE_SHOP = '0'

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

/** Those that have one name and one type in both tables. */
const SHARED_COLUMNS = [
  'popularity',
  'price_minor',
  'currency',
  'created_at',
  'title',
  'brand_id',
  'seller_id',
] as const satisfies (keyof ListedRow)[]

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
  const rows =
    category === null && filter.search
      ? foundRows(db, filter, filter.search)
      : categoryRows(db, category ?? WHOLE_SHOP, filter)
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

/** What a search finds in the whole shop: the words and all else stand in `products`. */
function foundRows(db: Kysely<DB>, { attributes }: PlannedFilter, search: SearchPlan) {
  const having = attributes.map(({ name, values }) => {
    const oneOf = values.map(
      (value) => sql`products.attributes @> ${JSON.stringify([{ name, value }])}::jsonb`,
    )
    return sql<SqlBool>`(${sql.join(oneOf, sql` or `)})`
  })
  return db
    .selectFrom('products')
    .select(['id', ...SHARED_COLUMNS])
    .select(sql<boolean>`available > 0`.as('in_stock'))
    .where('status', '=', 'ACTIVE')
    .where((eb) => eb.and([...having, searchCondition(search)]))
}

function categoryRows(
  db: Kysely<DB>,
  category: string | Expression<string>,
  { attributes, search }: PlannedFilter,
) {
  let query = db
    .selectFrom('product_categories')
    .select(['product_id as id', 'in_stock', ...SHARED_COLUMNS])
    .where('category_id', '=', category as string)
  for (const { name, values } of attributes) {
    const keys = values.map((value) => sql`attribute_key(${name}, ${value})`)
    query = query.where(sql<SqlBool>`attribute_keys && array[${sql.join(keys)}]`)
  }
  if (!search) return query
  // An id is unique, so PostgreSQL makes a join of this, and begins it at whichever side is smaller.
  const matching = db.selectFrom('products').select('products.id').where(searchCondition(search))
  return query.where('product_id', 'in', matching)
}
