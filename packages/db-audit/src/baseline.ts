import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AuditError } from './audit-error.ts'
import type { ExplainedStatement } from './plans/explained.ts'
import { nodesOf, planShape } from './plans/plan.ts'
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
    }),
  ),
})

/** How statements were run at a time when all was well. */
export type Baseline = z.infer<typeof Baseline>

/** Of the plans for any values: those in the log depend on which values came by. */
export function baselineOf(facts: {
  database: string
  at: Date
  plans: readonly ExplainedStatement[]
}): Baseline {
  const { database, at, plans } = facts
  return {
    version: 1,
    database,
    at: at.toISOString(),
    plans: plans
      .filter(({ source }) => source === 'pg_stat_statements')
      .map(({ sql, plan }) => ({
        sql: shapeOf(sql),
        shape: planShape(plan),
        cost: plan['Total Cost'],
        scanned: [...nodesOf(plan)]
          .filter((node) => node['Node Type'] === 'Seq Scan')
          .map((node) => `${node.Schema}.${node['Relation Name']}`),
      })),
  }
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
    `${file} is no baseline of this version: save one anew with --save-baseline\n${z.prettifyError(parsed.error)}`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
