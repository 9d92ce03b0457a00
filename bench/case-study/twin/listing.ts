import { GraphQLError } from 'graphql'
import type { Context } from './context.ts'
import { decodeCursor, decodeId, encodeCursor } from './ids.ts'
import type { ProductRow } from './product-row.ts'

/** As GraphQL gives them. */
export interface ListingArguments {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
  sort: keyof typeof ORDERS
  filter?: {
    categoryId?: string | null
    brandIds?: string[] | null
    minPrice?: number | null
    maxPrice?: number | null
    inStock?: boolean | null
    sellerId?: string | null
    search?: string | null
  } | null
}

interface Page {
  nodes: ProductRow[]
  pageInfo: object
  /** The rest of a statement that finds all of the list, for what is counted in it. */
  matching: Matching
}

interface Matching {
  sql: string
  values: unknown[]
}

const ORDERS = {
  POPULARITY_DESC: 'p.popularity desc, p.id desc',
  PRICE_ASC: 'p.price_minor, p.id',
  PRICE_DESC: 'p.price_minor desc, p.id desc',
  NEWEST: 'p.created_at desc, p.id desc',
  TITLE_ASC: 'p.title, p.id',
}

/** What clients are promised to have counted. */
const MOST_COUNTED = 10_000

/** One page by OFFSET; a row more than asked for tells whether there is another. */
export async function findPage(
  db: Context['db'],
  { first, after, last, before, sort, filter }: ListingArguments,
  categoryId: string | null,
): Promise<Page> {
  if (last != null || before != null) throw new GraphQLError('Lists are read forward only')
  const matching = matchingOf(filter ?? {}, categoryId)
  const size = Math.min(first ?? 20, 100)
  const offset = after == null ? 0 : decodeCursor(after)
  const { rows } = await db.query<ProductRow>(
    `select p.* ${matching.sql} order by ${ORDERS[sort]} limit ${size + 1} offset ${offset}`,
    matching.values,
  )
  const nodes = rows.slice(0, size)
  return {
    nodes,
    matching,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: offset > 0,
      startCursor: nodes.length > 0 ? encodeCursor(offset + 1) : null,
      endCursor: nodes.length > 0 ? encodeCursor(offset + nodes.length) : null,
    },
  }
}

function matchingOf(filter: NonNullable<ListingArguments['filter']>, categoryId: string | null): Matching {
  const values: unknown[] = []
  const conditions = ["p.status = 'ACTIVE'"]
  const add = (value: unknown, condition: (parameter: string) => string) => {
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  const inCategory = (parameter: string) => `p.category_id in (
    with recursive subtree as (
      select id from categories where id = ${parameter}
      union all select c.id from categories c join subtree s on c.parent_id = s.id
    ) select id from subtree)`
  if (categoryId !== null) add(categoryId, inCategory)
  const { brandIds, minPrice, maxPrice, inStock, sellerId, search } = filter
  if (filter.categoryId != null) add(decodeId('Category', filter.categoryId), inCategory)
  if (brandIds != null && brandIds.length > 0)
    add(
      brandIds.map((id) => decodeId('Brand', id)),
      (ids) => `p.brand_id = any(${ids})`,
    )
  if (minPrice != null) add(minPrice, (price) => `p.price_minor >= ${price}`)
  if (maxPrice != null) add(maxPrice, (price) => `p.price_minor <= ${price}`)
  if (inStock != null) add(inStock, (wanted) => `(p.available > 0) = ${wanted}`)
  if (sellerId != null) add(decodeId('User', sellerId), (id) => `p.seller_id = ${id}`)
  for (const word of search?.split(/\s+/).filter(Boolean) ?? [])
    add(
      `%${word}%`,
      (pattern) => `(p.title ilike ${pattern} or b.name ilike ${pattern} or p.description ilike ${pattern})`,
    )
  return {
    sql: `from products p left join brands b on b.id = p.brand_id where ${conditions.join(' and ')}`,
    values,
  }
}

/** Where price ranges begin. */
const STEPS = [0, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000]

export const listingResolvers = {
  Query: {
    products: (_root: unknown, args: ListingArguments, { db }: Context) => findPage(db, args, null),
  },
  ProductConnection: {
    async totalCount({ matching }: Page, _args: unknown, { db }: Context) {
      const { rows } = await db.query<{ count: string }>(`select count(*) ${matching.sql}`, matching.values)
      return Math.min(Number(rows[0]?.count), MOST_COUNTED)
    },
    facets: ({ matching }: Page) => matching,
  },
  ProductFacets: {
    async brands(matching: Matching, _args: unknown, { db }: Context) {
      const { rows } = await db.query<{ id: string; name: string; slug: string; count: number }>(
        `select b.id, b.name, b.slug, count(*)::integer as count
         from (select p.brand_id ${matching.sql} order by ${ORDERS.POPULARITY_DESC} limit ${MOST_COUNTED}) p
         join brands b on b.id = p.brand_id group by b.id order by count(*) desc, b.id limit 20`,
        matching.values,
      )
      return rows.map(({ count, ...brand }) => ({ brand, count }))
    },
    async prices(matching: Matching, _args: unknown, { db }: Context) {
      const { rows } = await db.query<{ currency: string; step: number; count: number }>(
        `select p.currency, width_bucket(p.price_minor, array[${STEPS.join(', ')}]) as step, count(*)::integer as count
         from (select p.price_minor, p.currency ${matching.sql} order by ${ORDERS.POPULARITY_DESC} limit ${MOST_COUNTED}) p
         group by 1, 2 order by 2`,
        matching.values,
      )
      const currency = mostFrequent(rows)
      return rows
        .filter((row) => row.currency === currency)
        .map(({ step, count }) => {
          const to = STEPS[step]
          return {
            from: { amount: STEPS[step - 1], currency },
            to: to === undefined ? null : { amount: to, currency },
            count,
          }
        })
    },
  },
}

function mostFrequent(rows: readonly { currency: string; count: number }[]): string | undefined {
  const totals = new Map<string, number>()
  for (const { currency, count } of rows) totals.set(currency, (totals.get(currency) ?? 0) + count)
  return [...totals].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))[0]?.[0]
}
