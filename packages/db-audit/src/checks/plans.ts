import type { Facts } from '../facts/facts.ts'
import type { IndexFacts } from '../facts/indexes.ts'
import { nameOf, type TableFacts } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { castColumns } from '../plans/conditions.ts'
import type { ExplainedStatement } from '../plans/explained.ts'
import { conditionsOf, nodesOf, type PlanNode, planShape, scannedTables } from '../plans/plan.ts'
import { createTableLookup, isLarge, isScanned, type TableLookup } from '../plans/table-lookup.ts'
import { isBackground } from '../purpose.ts'
import { ownerOf } from '../query-tags.ts'
import { shapeOf, shortSql, statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { restoringMigration } from './index-migration.ts'

/** What the plans of the statements tell. */
export function planFindings(facts: Facts): Finding[] {
  const lookup = createTableLookup(facts.tables)
  return [
    ...facts.plans.flatMap((statement) => [
      ...largeScans(statement, lookup, facts.indexes),
      ...casts(statement, lookup),
    ]),
    ...changed(facts),
  ]
}

const evidenceOf = ({ tags, role, calls, source, plan }: ExplainedStatement) => ({
  owner: ownerOf(tags, role),
  calls,
  source,
  cost: plan['Total Cost'],
})

/** What a finding of a scan is called. */
export const scanObject = (table: TableFacts, { sql }: ExplainedStatement) =>
  `${nameOf(table)}: ${statementName(sql)}`

function largeScans(
  statement: ExplainedStatement,
  lookup: TableLookup,
  indexes: Facts['indexes'],
): Finding[] {
  const scans = [...nodesOf(statement.plan)].filter((node) => node['Node Type'] === 'Seq Scan')
  return scans.flatMap((node): Finding[] => {
    const table = lookup(node)
    if (table === null || !isLarge(table) || !isScanned(node, table, statement, indexes)) return []
    return [
      {
        id: 'plan.large-scan',
        severity: isBackground(statement) && keepsMost(node, table) ? 'info' : 'warning',
        title: 'a statement reads a whole large table',
        object: scanObject(table, statement),
        detail: `${table.rows} rows are read${node.Filter ? ` for those with ${shortSql(node.Filter)}` : ''}.`,
        advice: node.Filter
          ? 'an index by one of its conditions; where none can serve it (a pattern with a leading %), another way to ask'
          : 'read a range of it, keep a sum of it, or do it once for all (a rollup, a materialized view)',
        evidence: { ...evidenceOf(statement), rows: table.rows, condition: node.Filter ?? null },
      },
    ]
  })
}

/** An aggregate over all of a table has to read it: no index spares a job that. */
function keepsMost(node: PlanNode, table: TableFacts): boolean {
  return node.Filter === undefined || node['Plan Rows'] >= table.rows / 2
}

function casts(statement: ExplainedStatement, lookup: TableLookup): Finding[] {
  const read = [...nodesOf(statement.plan)].flatMap((node) => lookup(node) ?? [])
  if (!read.some(isLarge)) return []
  const seen = new Set<string>()
  return [...nodesOf(statement.plan)].flatMap(conditionsOf).flatMap((condition) =>
    castColumns(condition).flatMap(({ column, type }): Finding[] => {
      const table = read.find((one) => Object.hasOwn(one.columns, column))
      const own = table?.columns[column]
      // varchar is text to PostgreSQL: this cast costs nothing, and an index is used all the same.
      if (!table || !own || own === type || (own.startsWith('character varying') && type === 'text'))
        return []
      if (seen.has(column)) return []
      seen.add(column)
      return [
        {
          id: 'plan.cast',
          severity: 'warning',
          title: 'a column is cast before it is compared',
          object: `${nameOf(table)}.${column}: ${statementName(statement.sql)}`,
          detail: `It is ${own}, and compared as ${type}: ${shortSql(condition)}. No index on it can be used.`,
          advice: `cast the value instead, or send it as ${own}`,
          evidence: { ...evidenceOf(statement), column_type: own, compared_as: type },
        },
      ]
    }),
  )
}

type BaselineIndex = NonNullable<Facts['baseline']>['indexes'][number]

function changed({ baseline, plans, tables, indexes }: Facts): Finding[] {
  if (baseline === null) return []
  const before = new Map(baseline.plans.map((plan) => [plan.sql, plan]))
  const large = new Set(tables.filter(isLarge).map(nameOf))
  const gone = baseline.indexes.filter((index) => isGone(index, tables, indexes))
  const told = new Set<BaselineIndex>()
  return plans.flatMap((statement): Finding[] => {
    const old = statement.source === 'log' ? undefined : before.get(shapeOf(statement.sql))
    if (old === undefined) return []
    const shape = planShape(statement.plan)
    const cost = statement.plan['Total Cost']
    const scanned = scannedTables(statement.plan).filter(
      (table) => large.has(table) && !old.scanned.includes(table),
    )
    const growth = cost / Math.max(old.cost, 1)
    const lost =
      growth >= thresholds.lostIndexGrowth || scanned.length > 0
        ? gone.filter((index) => old.indexes.includes(nameOf(index)))
        : []
    // Another plan at the same cost is the planner's own business.
    if (scanned.length === 0 && lost.length === 0 && growth < thresholds.costGrowth) return []
    const evidence = { ...evidenceOf(statement), cost_before: old.cost, plan: shape, plan_before: old.shape }
    const common = {
      object: statementName(statement.sql),
      detail: `Since ${baseline.at} its plan went from "${shortSql(old.shape)}" to "${shortSql(shape)}", its cost from ${old.cost} to ${cost}.`,
      evidence: { ...evidence, lost_indexes: lost.map(nameOf).join(', ') || null },
    }
    if (lost.length > 0) return [lostIndex(common, lost, told)]
    const isScan = scanned.length > 0
    return [
      {
        id: isScan ? 'plan.lost-index' : 'plan.dearer',
        severity: isScan ? 'error' : 'warning',
        title: isScan
          ? 'a statement reads a whole table that it read by an index'
          : 'a statement costs more than it did',
        ...common,
        advice: isScan
          ? `look for an index of ${scanned.join(', ')} that was dropped or is invalid, and analyze`
          : 'find out what has grown; if all is well, save a new baseline',
      },
    ]
  })
}

/** Of several statements that have lost an index, the first one brings its migration. */
function lostIndex(
  common: Pick<Finding, 'object' | 'detail' | 'evidence'>,
  lost: readonly BaselineIndex[],
  told: Set<BaselineIndex>,
): Finding {
  const next = lost.find((index) => index.isAlone && !told.has(index))
  const migration = next ? restoringMigration(next, `Was there before: ${common.object}`) : null
  if (next) told.add(next)
  return {
    id: 'plan.lost-index',
    severity: 'error',
    title: 'a statement costs more, and an index that it was read by is gone',
    ...common,
    advice: `if nobody meant to drop it, make it again by a migration (${lost.map(({ definition }) => definition).join('; ')}); else save a new baseline`,
    ...(migration ? { migration } : {}),
  }
}

/** Also not there under another name. Of a table that is not looked at, nothing is known. */
function isGone(
  { schema, table, name, definition }: BaselineIndex,
  tables: readonly TableFacts[],
  indexes: readonly IndexFacts[],
): boolean {
  if (!tables.some((one) => one.schema === schema && one.name === table)) return false
  const wanted = usingOf(definition)
  const own = indexes.filter((index) => index.schema === schema && index.table === table && index.isValid)
  return !own.some((index) => index.name === name || usingOf(index.definition) === wanted)
}

/** All behind the table: which columns, and of which rows. */
const usingOf = (definition: string) => definition.slice(definition.indexOf(' USING '))
