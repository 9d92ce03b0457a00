import type { TableFacts } from '../facts/tables.ts'
import { readConditions } from './conditions.ts'
import type { ExplainedStatement } from './explained.ts'
import type { PlanNode } from './plan.ts'
import { isLarge, isScanned, type TableLookup } from './table-lookup.ts'

/** An index that might spare a statement the reading of a whole table. */
export interface IndexCandidate {
  readonly statement: ExplainedStatement
  readonly table: TableFacts
  /** Columns, bracketed expressions, each with its order: `customer_id`, `(lower(email))`, `placed_at DESC`. */
  readonly keys: readonly string[]
}

/** So many columns narrow a range as far as it is of use; each further one makes every write dearer. */
const mostKeys = 4

/**
 * For each reading of a whole large table: its columns that are compared for equality, then the order that is asked
 * for, or else one column that is compared with a range.
 */
export function indexCandidates(statement: ExplainedStatement, lookup: TableLookup): IndexCandidate[] {
  const found: IndexCandidate[] = []
  walk(statement.plan, [])
  return found

  function walk(node: PlanNode, sortKeys: readonly string[]): void {
    const table = node['Node Type'] === 'Seq Scan' ? lookup(node) : null
    if (
      table !== null &&
      isLarge(table) &&
      isScanned(table, statement) &&
      table.kind === 'r' &&
      !table.isPartition
    ) {
      const keys = keysFor(node, table, sortKeys)
      if (keys.length > 0) found.push({ statement, table, keys })
    }
    for (const child of node.Plans ?? []) walk(child, node['Sort Key'] ?? passedOn(node, sortKeys))
  }
}

/** The order of a sort is of use to a scan only if nothing between the two changes it. */
function passedOn(node: PlanNode, sortKeys: readonly string[]): readonly string[] {
  return /^(Gather|Limit|LockRows)/.test(node['Node Type']) ? sortKeys : []
}

function keysFor(node: PlanNode, table: TableFacts, sortKeys: readonly string[]): string[] {
  const conditions = node.Filter === undefined ? [] : readConditions(node.Filter, node.Alias)
  const usable = conditions.filter(({ key, isColumn }) => isIndexable(key, isColumn, table))
  const keyOf = ({ key, isColumn }: { key: string; isColumn: boolean }) => (isColumn ? key : `(${key})`)
  const equal = usable.filter(({ kind }) => kind === 'equal').map(keyOf)
  const order = sortKeys
    .map((key) => key.replaceAll(`${node.Alias}.`, ''))
    .filter((key) => isIndexable(key.replace(/ (DESC|ASC)?( ?NULLS (FIRST|LAST))?$/, ''), true, table))
  const ordered = order.length === sortKeys.length ? order : []
  const range = usable.filter(({ kind }) => kind === 'range').map(keyOf)
  const rest = ordered.length > 0 ? ordered : range.slice(0, 1)
  return [...new Set([...equal, ...rest])].slice(0, mostKeys)
}

/** A function that an index may hold is decided by PostgreSQL, when the index is tried out. */
function isIndexable(key: string, isColumn: boolean, { columns }: TableFacts): boolean {
  return isColumn ? key.replaceAll('"', '') in columns : /^[\w."]+\(.+\)$/s.test(key)
}
