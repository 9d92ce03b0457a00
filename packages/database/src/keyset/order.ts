import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { codecOf, type KeysetType } from './types.ts'

/** One sort key of a list. */
export interface KeysetColumn {
  /** A reference that the query knows (`products.price_minor`), or an expression, best one with an index. Never null. */
  column: string | Expression<unknown>
  type: KeysetType
  direction: 'asc' | 'desc'
}

/**
 * The order of a list. The last column must make it total (the id), or rows with equal keys get lost between pages.
 * When all directions are equal, a page is one range of an index on these columns in this order.
 */
export interface KeysetOrder {
  /**
   * Stands in every cursor, so that a cursor of another list or of another sort is refused: make it
   * unique among the service's lists (`products.price-asc`), and change it when the columns change.
   */
  name: string
  columns: readonly [KeysetColumn, ...KeysetColumn[]]
}

/** A sort key's reference as SQL. */
export function columnSql({ column }: KeysetColumn): Expression<unknown> {
  return typeof column === 'string' ? sql.ref(column) : column
}

/** The direction in which rows are read: a page before a cursor is read backwards, then turned round. */
export function readDirection({ direction }: KeysetColumn, backward: boolean): 'asc' | 'desc' {
  if (!backward) return direction
  return direction === 'asc' ? 'desc' : 'asc'
}

/** The rows strictly beyond the cursor's values, in reading direction. */
export function beyond(
  order: KeysetOrder,
  values: readonly string[],
  backward: boolean,
): RawBuilder<SqlBool> {
  return compare(order, values, backward, '')
}

/** The opposite of {@link beyond}: the cursor's own row and all before it, in reading direction. */
export function upTo(order: KeysetOrder, values: readonly string[], backward: boolean): RawBuilder<SqlBool> {
  return compare(order, values, !backward, '=')
}

function compare(
  order: KeysetOrder,
  values: readonly string[],
  backward: boolean,
  orEqual: '=' | '',
): RawBuilder<SqlBool> {
  const keys = order.columns.map((column, index) => ({
    column: columnSql(column),
    bound: codecOf(column.type).bind(values[index]!),
    operator: readDirection(column, backward) === 'asc' ? '>' : '<',
  }))
  const first = keys[0]!
  if (keys.every(({ operator }) => operator === first.operator)) {
    // A row-value comparison is one index range, however many columns there are.
    const columns = sql.join(keys.map(({ column }) => column))
    const bounds = sql.join(keys.map(({ bound }) => bound))
    return sql<SqlBool>`((${columns}) ${sql.raw(first.operator + orEqual)} (${bounds}))`
  }
  // (a > 1) or (a = 1 and b < 2) or ...; the first column's bound, said once more, lets an index on it start there.
  const cases = keys.map(({ column, bound, operator }, index) => {
    const equal = keys.slice(0, index).map((key) => sql`${key.column} = ${key.bound}`)
    const own = sql.raw(operator + (index === keys.length - 1 ? orEqual : ''))
    return sql`(${sql.join([...equal, sql`${column} ${own} ${bound}`], sql` and `)})`
  })
  return sql<SqlBool>`(${first.column} ${sql.raw(`${first.operator}=`)} ${first.bound} and (${sql.join(cases, sql` or `)}))`
}
