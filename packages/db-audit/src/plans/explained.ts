import type { AuditClient } from '../audit-client.ts'
import { isLockTimeout, type LockWatch } from '../facts/lock-watch.ts'
import type { StatementFacts } from '../facts/statements.ts'
import { isOneOff } from '../purpose.ts'
import type { StatementTags } from '../query-tags.ts'
import { bareSql, isOneStatement, namesIt } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import type { PlanNode } from './plan.ts'

/** A statement with its plan: for any values, or, out of the log, for those that it was run with. */
export interface ExplainedStatement {
  readonly sql: string
  readonly tags: StatementTags
  readonly role: string | null
  readonly searchPath: string | null
  readonly calls: number
  /** What it has read each time, of all tables and indexes, and given; null where that is not known. */
  readonly blocksPerCall: number | null
  readonly rowsPerCall: number | null
  readonly source: 'pg_stat_statements' | 'log'
  readonly plan: PlanNode
}

/**
 * Explains the regular statements of the most total time.
 * @returns also how many of them could not be explained: their tables are gone, say, or not to be read by who asks
 */
export async function explainStatements(
  client: AuditClient,
  statements: readonly StatementFacts[],
  watch: LockWatch,
): Promise<{ explained: ExplainedStatement[]; notExplained: number }> {
  const chosen = statements
    .filter(({ calls, isTopLevel }) => isTopLevel && calls >= thresholds.regularCalls)
    .filter((statement) => !isOneOff(statement))
    .slice(0, thresholds.explainedStatements)
  const explained: ExplainedStatement[] = []
  for (const { sql, tags, role, searchPath, calls, hits, reads, rows } of chosen) {
    const bare = bareSql(sql)
    // It would wait for its lock once more, each of them for a second.
    const isLocked = watch.leftOut.some(({ name }) => namesIt(bare, name))
    const plan = isLocked
      ? null
      : await explain(client, queryIn(sql), searchPath).catch(async (error: unknown) => {
          if (isLockTimeout(error)) await watch.look()
          return null
        })
    // What a cursor reads is counted for its fetches.
    const known = !/^declare\b/i.test(sql)
    const blocksPerCall = known ? (hits + reads) / calls : null
    const rowsPerCall = known ? rows / calls : null
    if (plan)
      explained.push({
        sql,
        tags,
        role,
        searchPath,
        calls,
        blocksPerCall,
        rowsPerCall,
        source: 'pg_stat_statements',
        plan,
      })
  }
  return { explained, notExplained: chosen.length - explained.length }
}

const inside = [
  /^declare\s+(?:\w+|"(?:[^"]|"")+")\s+(?:[a-z]+\s+)*?cursor\b(?:\s+with(?:out)?\s+hold)?\s+for\s+(.+)$/is,
  /^copy\s*(\(.+\))\s*to\b/is,
]

/** The query that a cursor or a copy is of, or the statement itself, as it can be explained. */
export function queryIn(sql: string): string {
  for (const pattern of inside) {
    const found = pattern.exec(sql)?.[1]
    if (found !== undefined) return queryIn(found)
  }
  // Its field is a value to pg_stat_statements (`extract($1 from at)`), which the grammar takes none for.
  return sql.replaceAll(/\bextract\s*\(\s*(\$\d+)\s+from\b/gi, 'date_part($1,')
}

/**
 * The plan for any values: the statement is not run, though functions in it that are declared immutable may be. VERBOSE, for
 * the schemas of its tables.
 * @throws Error for what is not a single statement that reads or writes rows, or what PostgreSQL says of it
 */
export async function explain(
  client: AuditClient,
  sql: string,
  searchPath: string | null,
): Promise<PlanNode | null> {
  if (!isOneStatement(sql)) throw new Error('not a statement to be explained')
  await client.rows(`select set_config('search_path', $1, false)`, [searchPath ?? '"$user", public'])
  const text = `explain (generic_plan, verbose, format json) ${sql.replace(/;\s*$/, '')}`
  // First with values, which is refused if it is more than one statement. The plan for any values needs the other protocol.
  await client.rows(text, Array(parametersOf(sql)).fill(null))
  const [row] = await client.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(text)
  return row?.['QUERY PLAN'][0].Plan ?? null
}

function parametersOf(sql: string): number {
  return Math.max(0, ...[...bareSql(sql).matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
}
