import type { TableFacts } from '../facts/tables.ts'
import { thresholds } from '../thresholds.ts'
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
 * table). Who has read a whole table has read its blocks: half of them, because they may have been fewer once.
 */
export function isScanned(
  { pages }: Pick<TableFacts, 'pages'>,
  { blocksPerCall }: ExplainedStatement,
): boolean {
  return blocksPerCall === null || blocksPerCall >= pages / 2
}

/**
 * Whether a walk through an index throws most rows away: it reads far more blocks than it gives rows. Where that was not
 * counted, a trial tells.
 */
export function isWasteful({ blocksPerCall, rowsPerCall }: ExplainedStatement): boolean {
  if (blocksPerCall === null || rowsPerCall === null) return true
  return blocksPerCall >= Math.max(thresholds.wastedBlocks, thresholds.blocksPerRow * rowsPerCall)
}
