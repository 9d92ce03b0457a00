import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AuditError } from './audit-error.ts'
import type { IndexFacts } from './facts/indexes.ts'
import { nameOf } from './facts/tables.ts'
import type { ExplainedStatement } from './plans/explained.ts'
import { nodesOf, type PlanNode, planShape, scannedTables } from './plans/plan.ts'
import { shapeOf } from './sql-text.ts'

const Baseline = z.object({
  version: z.literal(1),
  database: z.string(),
  at: z.iso.datetime(),
  plans: z.array(
    z.object({
      /** Without values and comments: it stays the same on a restored copy, which PostgreSQL's own id does not. */
      sql: z.string(),
      shape: z.string(),
      cost: z.number().nonnegative(),
      /** Tables that are read as a whole. */
      scanned: z.array(z.string()),
      /** Indexes that it is read by: `catalog.products_pkey`. Baselines of before have none. */
      indexes: z.array(z.string()).default([]),
    }),
  ),
  /** The indexes of these plans, so that one that is lost can be made again. */
  indexes: z
    .array(
      z.object({
        schema: z.string(),
        table: z.string(),
        name: z.string(),
        definition: z.string(),
        /** Whether the definition says all: no constraint stands on it, and it is no part of another one. */
        isAlone: z.boolean(),
      }),
    )
    .default([]),
})

/** How statements were run at a time when all was well. */
export type Baseline = z.infer<typeof Baseline>

/** Of the plans for any values: those in the log depend on which values came by. */
export function baselineOf(facts: {
  database: string
  at: Date
  plans: readonly ExplainedStatement[]
  indexes: readonly IndexFacts[]
}): Baseline {
  const { database, at } = facts
  const plans = facts.plans.filter(({ source }) => source === 'pg_stat_statements')
  const used = new Map(plans.map((statement) => [statement, indexesOf(statement.plan, facts.indexes)]))
  return {
    version: 1,
    database,
    at: at.toISOString(),
    plans: plans.map((statement) => ({
      sql: shapeOf(statement.sql),
      shape: planShape(statement.plan),
      cost: statement.plan['Total Cost'],
      scanned: scannedTables(statement.plan),
      indexes: used.get(statement)!.map(nameOf),
    })),
    indexes: [...new Set([...used.values()].flat())].map((index) => ({
      schema: index.schema,
      table: index.table,
      name: index.name,
      definition: index.definition,
      isAlone: !index.isPrimary && index.constraint === null && !index.isBound,
    })),
  }
}

/** A bitmap's index says no schema: it is one of a table that the plan reads. */
function indexesOf(plan: PlanNode, indexes: readonly IndexFacts[]): IndexFacts[] {
  const nodes = [...nodesOf(plan)]
  const tables = new Set(nodes.map((node) => `${node.Schema}.${node['Relation Name']}`))
  const names = new Set(nodes.map((node) => node['Index Name']))
  return indexes.filter(({ schema, table, name }) => names.has(name) && tables.has(`${schema}.${table}`))
}

/** @throws AuditError BASELINE_UNREADABLE or BASELINE_INVALID */
export async function readBaseline(file: string): Promise<Baseline> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new AuditError(
      'BASELINE_UNREADABLE',
      `the baseline ${file} can't be read (${error.code ?? error.message}): save one with --save-baseline, and check the path`,
      error,
    )
  })
  const parsed = Baseline.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new AuditError(
    'BASELINE_INVALID',
    `${file} is no baseline of this version: save one anew with --save-baseline`,
    parsed.error,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
