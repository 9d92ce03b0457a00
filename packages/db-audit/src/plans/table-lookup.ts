import type { IndexFacts } from '../facts/indexes.ts'
import type { TableFacts } from '../facts/tables.ts'
import { namesIt } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { readConditions } from './conditions.ts'
import type { ExplainedStatement } from './explained.ts'
import type { PlanNode } from './plan.ts'

/** Finds the table that a node of a plan reads. */
export type TableLookup = (node: PlanNode) => TableFacts | null

/** A plan in the log names no schemas: then a name is enough where only one table has it. */
export function createTableLookup(tables: readonly TableFacts[]): TableLookup {
  return ({ Schema, 'Relation Name': name }) => {
    if (name === undefined) return null
    const found = tables.filter((table) => table.name === name && (!Schema || table.schema === Schema))
    return found.length === 1 ? found[0]! : null
  }
}

export const isLarge = ({ rows }: Pick<TableFacts, 'rows'>) => rows >= thresholds.largeTable

/**
 * A plan for any values may scan where none for the true values does (a page of 20 rows, which it takes for a tenth of the
 * table). Who has read a whole table has read its blocks: half of them, because they may have been fewer once. But these are
 * averages since the statistics began: an index that was dropped an hour ago hardly moves them. So a scan for a few rows is
 * believed whatever they say: no value makes the planner do that where an index is there.
 */
export function isScanned(
  node: PlanNode,
  table: TableFacts,
  { blocksPerCall }: ExplainedStatement,
  indexes: readonly IndexFacts[],
): boolean {
  if (blocksPerCall === null || blocksPerCall >= table.pages / 2) return true
  return keepsFew(node, table) && !mayUsePartial(node, table, indexes)
}

function keepsFew(node: PlanNode, { rows }: TableFacts): boolean {
  return node.Filter !== undefined && node['Plan Rows'] <= thresholds.selective * rows
}

/** A partial index is of use for some values only, and so for no plan that is one for any. */
function mayUsePartial(node: PlanNode, table: TableFacts, indexes: readonly IndexFacts[]): boolean {
  const keys = readConditions(node.Filter ?? '', node.Alias).map(({ key }) => key)
  return indexes.some(
    ({ tableOid, predicate }) =>
      tableOid === table.oid && predicate !== null && keys.some((key) => namesIt(predicate, key)),
  )
}

/**
 * Whether a walk through an index throws most rows away: it reads far more blocks than it gives rows. Where that was not
 * counted, a trial tells.
 */
export function isWasteful({ blocksPerCall, rowsPerCall }: ExplainedStatement): boolean {
  if (blocksPerCall === null || rowsPerCall === null) return true
  return blocksPerCall >= Math.max(thresholds.wastedBlocks, thresholds.blocksPerRow * rowsPerCall)
}
