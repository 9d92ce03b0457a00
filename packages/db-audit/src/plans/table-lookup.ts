import type { TableFacts } from '../facts/tables.ts'
import { thresholds } from '../thresholds.ts'
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
