import {
  type KeysetOrder,
  type KeysetPage,
  type KeysetPageArguments,
  keysetPage,
  keysetPages,
} from '@freshet/database'
import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'
import { listingQuery, type PlannedFilter } from './listing.query.ts'
import type { ListingSort } from './listing.request.ts'

/** Ids only: the products themselves are cached once, each by its id. */
export interface ListingPage {
  ids: string[]
  cursors: string[]
  pageInfo: KeysetPage<unknown>['pageInfo']
}

/** No question makes PostgreSQL count, or sort into facets, more rows than this. */
export const countLimit = 10_000

function orderBy(
  name: string,
  direction: 'asc' | 'desc',
  column: string,
  type: KeysetOrder['columns'][0]['type'],
): KeysetOrder {
  const columns = [{ column: `listing.${column}`, type, direction }] as const
  return {
    name: `listing.${name}`,
    columns: [...columns, { column: 'listing.id', type: 'bigint', direction }],
  }
}

/** One index range each: every order ends in the id, in the direction of its first column. */
export const listingOrders: Record<ListingSort, KeysetOrder> = {
  POPULARITY_DESC: orderBy('popularity', 'desc', 'popularity', 'double'),
  PRICE_ASC: orderBy('price-asc', 'asc', 'price_minor', 'integer'),
  PRICE_DESC: orderBy('price-desc', 'desc', 'price_minor', 'integer'),
  NEWEST: orderBy('newest', 'desc', 'created_at', 'timestamptz'),
  TITLE_ASC: orderBy('title', 'asc', 'title', 'text'),
}

export type ListingRepository = ReturnType<typeof createListingRepository>

/** One statement a call, however many categories: those that a query asks the same of come as one array. */
export function createListingRepository(db: Kysely<DB>) {
  return {
    /** The same page of each of these categories' listings; a null among them is the whole shop, and stands alone. */
    async findPages(
      categoryIds: readonly (string | null)[],
      filter: PlannedFilter,
      sort: ListingSort,
      page: KeysetPageArguments,
    ): Promise<ListingPage[]> {
      const order = listingOrders[sort]
      const [only] = categoryIds
      if (categoryIds.length === 1 && only !== undefined) {
        // As a value, not as a LATERAL's parent, the category's size is known to the planner.
        const query = listingQuery(db, only, filter).select('listing.id')
        return [toPage(await keysetPage(db, { query, order, page }))]
      }
      const requests = categoryIds.map((id) => ({ parent: String(id), page }))
      const pages = await keysetPages(db, {
        requests,
        order,
        query: (parent) => listingQuery(db, parent, filter).select('listing.id'),
      })
      return pages.map(toPage)
    },

    /** How many products each listing has, counted up to {@link countLimit}. */
    async count(categoryIds: readonly (string | null)[], filter: PlannedFilter): Promise<number[]> {
      const capped = listingQuery(db, categoryOf(categoryIds), filter)
        .select(sql`1`.as('one'))
        .limit(countLimit)
      const { rows } = await sql<{ count: number }>`
        select counted.count from ${parents(categoryIds)}
        cross join lateral (select count(*)::integer as count from (${capped}) as capped) as counted
        order by parent.ordinal`.execute(db)
      return rows.map((row) => row.count)
    },
  }
}

function toPage({ rows, cursors, pageInfo }: KeysetPage<{ id: string }>): ListingPage {
  return { ids: rows.map((row) => row.id), cursors, pageInfo }
}

/** What {@link parents} is to be joined by. */
export function categoryOf(categoryIds: readonly (string | null)[]) {
  return categoryIds[0] == null ? null : sql<string>`parent.id`
}

/** The categories as rows of `parent`. A single one is folded into the query, so that it is planned for its size. */
export function parents(categoryIds: readonly (string | null)[]) {
  return categoryIds.length === 1
    ? sql`(select ${categoryIds[0]}::bigint as id, 1 as ordinal) as parent`
    : sql`unnest(${categoryIds}::bigint[]) with ordinality as parent(id, ordinal)`
}
