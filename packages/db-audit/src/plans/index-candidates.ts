import type { IndexFacts } from '../facts/indexes.ts'
import type { TableFacts } from '../facts/tables.ts'
import { type Condition, readConditions, withoutAlias } from './conditions.ts'
import type { ExplainedStatement } from './explained.ts'
import type { PlanNode } from './plan.ts'
import { isLarge, isScanned, isWasteful, type TableLookup } from './table-lookup.ts'

/** An index that might spare a statement the reading of rows that it throws away. */
export interface IndexCandidate {
  readonly statement: ExplainedStatement
  readonly table: TableFacts
  /** Columns, bracketed expressions, each with its order: `customer_id`, `(lower(email))`, `placed_at DESC`. */
  readonly keys: readonly string[]
}

/** So many columns narrow a range as far as it is of use; each further one makes every write dearer. */
const mostKeys = 4

/**
 * For each reading of a whole large table, and each that looks at far more rows than it gives: its columns that are
 * compared for equality, then the order that is asked for, or else one column that is compared with a range.
 */
export function indexCandidates(
  statement: ExplainedStatement,
  lookup: TableLookup,
  indexes: readonly IndexFacts[] = [],
): IndexCandidate[] {
  const found: IndexCandidate[] = []
  walk(statement.plan, [], false)
  return found

  function walk(node: PlanNode, sortKeys: readonly string[], isPage: boolean): void {
    const table = readsTooMuch(node, statement, lookup, indexes)
    if (table !== null && table.kind === 'r' && !table.isPartition) {
      const keys = keysFor(node, table, isPage ? orderOfWalk(node, indexes) : sortKeys)
      if (keys.length > 0) found.push({ statement, table, keys })
    }
    const isLimited = node['Node Type'] === 'Limit' || (isPage && passesOn(node))
    for (const child of node.Plans ?? [])
      walk(child, node['Sort Key'] ?? (passesOn(node) ? sortKeys : []), isLimited)
  }
}

const walks = /^(Index (Only )?Scan|Bitmap Heap Scan)$/

/** The large table that a node reads as a whole, or that it walks through only to throw most of it away. */
function readsTooMuch(
  node: PlanNode,
  statement: ExplainedStatement,
  lookup: TableLookup,
  indexes: readonly IndexFacts[],
): TableFacts | null {
  const table = lookup(node)
  if (table === null || !isLarge(table)) return null
  if (node['Node Type'] === 'Seq Scan') return isScanned(node, table, statement, indexes) ? table : null
  return walks.test(node['Node Type']) && node.Filter !== undefined && isWasteful(statement) ? table : null
}

/** The order of a sort is of use to a scan only if nothing between the two changes it. */
const passesOn = (node: PlanNode) => /^(Gather|Limit|LockRows)/.test(node['Node Type'])

/** A page is walked to by an index because of its order: that must come out of another one, too. */
function orderOfWalk(node: PlanNode, indexes: readonly IndexFacts[]): string[] {
  if (node['Index Cond'] !== undefined) return []
  const index = indexes.find(
    ({ schema, table, name }) =>
      name === node['Index Name'] && table === node['Relation Name'] && schema === (node.Schema ?? schema),
  )
  return (index?.keys ?? []).map((key, at) => key + orders[index!.orders[at] ?? 0])
}

const orders = ['', ' DESC NULLS LAST', ' NULLS FIRST', ' DESC']

function keysFor(node: PlanNode, table: TableFacts, sortKeys: readonly string[]): string[] {
  // Of a walk by an index: what that serves already counts, too.
  const conditions = [node['Index Cond'], node['Recheck Cond'], node.Filter].flatMap((text) =>
    text === undefined ? [] : readConditions(text, node.Alias),
  )
  const usable = conditions
    .map((one) => uncast(one, table))
    .filter(({ key, isColumn }) => isIndexable(key, isColumn, table))
  const keyOf = ({ key, isColumn }: { key: string; isColumn: boolean }) => (isColumn ? key : `(${key})`)
  const equal = usable.filter(({ kind }) => kind === 'equal').map(keyOf)
  const order = sortKeys
    .map((key) => withoutAlias(key, node.Alias))
    .filter((key) => isIndexable(key.replace(/ (DESC|ASC)?( ?NULLS (FIRST|LAST))?$/, ''), true, table))
  const ordered = order.length === sortKeys.length ? order : []
  const range = usable.filter(({ kind }) => kind === 'range').map(keyOf)
  const rest = ordered.length > 0 ? ordered : range.slice(0, 1)
  return [...new Set([...equal, ...rest])].slice(0, mostKeys)
}

/** To PostgreSQL `varchar` is text: `(code)::text = $1` is served by an index of the column. */
function uncast(condition: Condition, { columns }: TableFacts): Condition {
  const [, column] = /^\((\w+|"(?:[^"]|"")+")\)::text$/.exec(condition.key) ?? []
  if (column === undefined || !Object.hasOwn(columns, unquoted(column))) return condition
  const isText = columns[unquoted(column)] === 'character varying'
  return isText ? { ...condition, key: column, isColumn: true } : condition
}

const unquoted = (key: string) => (key.startsWith('"') ? key.slice(1, -1).replaceAll('""', '"') : key)

/** A function that an index may hold is decided by PostgreSQL, when the index is tried out. */
function isIndexable(key: string, isColumn: boolean, { columns }: TableFacts): boolean {
  return isColumn ? Object.hasOwn(columns, unquoted(key)) : /^[\w."]+\(.+\)$/s.test(key)
}
