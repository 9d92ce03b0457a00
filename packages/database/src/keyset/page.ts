import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { type KeysetPageArguments, type Reach, reachOf } from './arguments.ts'
import { encodeCursor } from './cursor.ts'
import { beyond, columnSql, type KeysetOrder, readDirection, upTo } from './order.ts'
import { codecOf } from './types.ts'

/** Where a page lies in its list; the fields are Relay's. */
export interface KeysetPageInfo {
  hasNextPage: boolean
  hasPreviousPage: boolean
  startCursor: string | null
  endCursor: string | null
}

/** A page of a list, in the list's order whichever way it was read. */
export interface KeysetPage<Row> {
  rows: Row[]
  /** Each row's cursor. */
  cursors: string[]
  pageInfo: KeysetPageInfo
}

/** What may stand before an ordered, limited list: no `orderBy`, `limit`, `distinct` or `groupBy` of its own. */
type ListQuery<DB, TB extends keyof DB, Row> = SelectQueryBuilder<DB, TB, Row>

/**
 * Reads one page of a list with one statement. `hasNextPage` and `hasPreviousPage` are both exact, also beside a
 * cursor whose row is gone.
 *
 * ```ts
 * const page = await keysetPage(db, {
 *   query: db.selectFrom('products').select(['id', 'title']).where('seller_id', '=', sellerId),
 *   order: { name: 'products.newest', columns: [
 *     { column: 'created_at', type: 'timestamptz', direction: 'desc' },
 *     { column: 'id', type: 'bigint', direction: 'desc' },
 *   ] },
 *   page: { first: 20, after: cursor },
 * })
 * ```
 * @throws InvalidCursorError for a cursor that is not of this order
 */
export async function keysetPage<DB, QueryDB, TB extends keyof QueryDB, Row>(
  db: Kysely<DB>,
  {
    query,
    order,
    page,
  }: { query: ListQuery<QueryDB, TB, Row>; order: KeysetOrder; page: KeysetPageArguments },
): Promise<KeysetPage<Row>> {
  const reach = reachOf(order, page)
  const [found] = await readPages<DB, Row>(
    db,
    order,
    reach,
    sql`(select 1 as ordinal) as keyset_parent`,
    1,
    query,
  )
  return found!
}

/**
 * Reads a page for each of many parents (the wishlists of 50 users) with one LATERAL statement for each
 * distinct set of page arguments among them: mostly one. Made for a DataLoader's batch function.
 *
 * ```ts
 * const pages = await keysetPages(db, {
 *   requests: keys.map(({ userId, page }) => ({ parent: userId, page })),
 *   query: (userId) => db.selectFrom('wishlist_items').selectAll().where('user_id', '=', userId),
 *   order: wishlistOrder,
 * })
 * ```
 * @returns the pages in the order of the requests; a parent without rows has an empty one
 * @throws InvalidCursorError if any request's cursor is not of this order
 */
export async function keysetPages<DB, QueryDB, TB extends keyof QueryDB, Row>(
  db: Kysely<DB>,
  options: {
    requests: readonly { parent: string; page: KeysetPageArguments }[]
    /** The list of one parent. The parent's id is an expression here, not a value. */
    query: (parent: RawBuilder<string>) => ListQuery<QueryDB, TB, Row>
    order: KeysetOrder
    /** The type of the parents' ids. Default bigint. */
    parentType?: 'bigint' | 'integer' | 'text' | 'uuid'
  },
): Promise<KeysetPage<Row>[]> {
  const { requests, query, order, parentType = 'bigint' } = options
  const groups = Map.groupBy(requests.keys(), (index) => pageKey(requests[index]!.page))
  const pages = new Array<KeysetPage<Row>>(requests.length)
  const list = query(sql<string>`keyset_parent.id`)
  for (const indexes of groups.values()) {
    const reach = reachOf(order, requests[indexes[0]!]!.page)
    const ids = indexes.map((index) => requests[index]!.parent)
    const parents = parentsSql(ids, sql.raw(parentType))
    const found = await readPages<DB, Row>(db, order, reach, parents, ids.length, list)
    for (const [position, index] of indexes.entries()) pages[index] = found[position]!
  }
  return pages
}

/** A single parent is folded into the query, so that PostgreSQL plans for it and not for any. */
function parentsSql(ids: string[], type: RawBuilder<unknown>): RawBuilder<unknown> {
  return ids.length === 1
    ? sql`(select ${ids[0]}::${type} as id, 1 as ordinal) as keyset_parent`
    : sql`unnest(${ids}::${type}[]) with ordinality as keyset_parent(id, ordinal)`
}

function pageKey({ first, after, last, before }: KeysetPageArguments): string {
  return JSON.stringify([first ?? null, after ?? null, last ?? null, before ?? null])
}

const keyPrefix = 'keyset_key_'
const sortPrefix = 'keyset_sort_'

async function readPages<DB, Row>(
  db: Kysely<DB>,
  order: KeysetOrder,
  reach: Reach,
  parents: RawBuilder<unknown>,
  parentCount: number,
  // biome-ignore lint/suspicious/noExplicitAny: the query's own tables are of no concern here, only its rows are.
  query: SelectQueryBuilder<any, any, Row>,
): Promise<KeysetPage<Row>[]> {
  const { from, backward, size } = reach
  let list = query.limit(size + 1)
  if (from) list = list.where(beyond(order, from, backward))
  for (const [index, column] of order.columns.entries()) {
    const reference = columnSql(column)
    list = list
      .orderBy(reference, readDirection(column, backward))
      .select([
        codecOf(column.type).select(reference).as(`${keyPrefix}${index}`),
        sql`${reference}`.as(`${sortPrefix}${index}`),
      ])
  }
  const sort = order.columns.map((column, index) => {
    return sql`${sql.ref(`${sortPrefix}${index}`)} ${sql.raw(readDirection(column, backward))}`
  })
  // Whether there is anything behind the cursor. `offset 0` keeps it from being asked again for every row.
  const behind = from
    ? sql`exists(${query
        .clearSelect()
        .select(sql`1`.as('one'))
        .where(upTo(order, from, backward))})`
    : sql`false`
  const { rows } = await sql<Record<string, unknown>>`
    select keyset_parent.ordinal as keyset_ordinal, keyset_edge.behind as keyset_behind, keyset_page.*
    from ${parents}
    cross join lateral (select ${behind} as behind offset 0) as keyset_edge
    left join lateral (${list}) as keyset_page on true
    order by keyset_parent.ordinal, ${sql.join(sort)}`.execute(db)
  const byParent = Map.groupBy(rows, (row) => Number(row.keyset_ordinal))
  return Array.from({ length: parentCount }, (_, index) =>
    toPage(order, reach, byParent.get(index + 1) ?? []),
  )
}

function toPage<Row>(
  order: KeysetOrder,
  { size, backward }: Reach,
  found: Record<string, unknown>[],
): KeysetPage<Row> {
  const behind = found[0]?.keyset_behind === true
  // A parent without rows still has one, of nulls, that says what lies behind the cursor.
  const present = found.filter((row) => row[`${keyPrefix}0`] !== null)
  const more = present.length > size
  const kept = present.slice(0, size)
  if (backward) kept.reverse()
  const cursors = kept.map((row) =>
    encodeCursor(
      order,
      order.columns.map((_, index) => row[`${keyPrefix}${index}`] as string),
    ),
  )
  return {
    rows: kept.map((row) => withoutKeys(row) as Row),
    cursors,
    pageInfo: {
      hasNextPage: backward ? behind : more,
      hasPreviousPage: backward ? more : behind,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
  }
}

function withoutKeys(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('keyset_')))
}
