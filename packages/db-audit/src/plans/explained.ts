import pg from 'pg'
import type { AuditClient } from '../audit-client.ts'
import type { StatementFacts } from '../facts/statements.ts'
import { isOneOff } from '../purpose.ts'
import type { StatementTags } from '../query-tags.ts'
import { bareSql, isOneStatement } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import type { PlanNode } from './plan.ts'

/** A statement with its plan: for any values, or, out of the log, for those that it was run with. */
export interface ExplainedStatement {
  readonly sql: string
  /** The same, with a type for each value that PostgreSQL needs to be told one of; left out where it has its values. */
  readonly typed?: string
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
): Promise<{ explained: ExplainedStatement[]; notExplained: number }> {
  const chosen = statements
    .filter(({ calls, isTopLevel }) => isTopLevel && calls >= thresholds.regularCalls)
    .filter((statement) => !isOneOff(statement))
    .slice(0, thresholds.explainedStatements)
  const explained: ExplainedStatement[] = []
  for (const { sql, tags, role, searchPath, calls, hits, reads, rows } of chosen) {
    const found = await explainTyped(client, sql, searchPath).catch(() => null)
    // What a cursor reads is counted for its fetches.
    const known = !/^declare\b/i.test(sql)
    const blocksPerCall = known ? (hits + reads) / calls : null
    const rowsPerCall = known ? rows / calls : null
    if (found)
      explained.push({
        sql,
        tags,
        role,
        searchPath,
        calls,
        blocksPerCall,
        rowsPerCall,
        source: 'pg_stat_statements',
        ...found,
      })
  }
  return { explained, notExplained: chosen.length - explained.length }
}

/** @throws Error as {@link explain} does, when it is not for want of a type */
async function explainTyped(client: AuditClient, sql: string, searchPath: string | null) {
  let typed = withLiteralTypes(sql)
  for (let left = parametersOf(sql); ; left--) {
    try {
      const plan = await explain(client, queryIn(typed), searchPath)
      return plan && { typed, plan }
    } catch (error) {
      const untyped = error instanceof pg.DatabaseError && error.code === untypedParameter
      const [, number] = (untyped && /\$(\d+)/.exec(error.message)) || []
      if (number === undefined || left === 0) throw error
      // It was a constant that would do as any type, and so as text: `json_build_object('views', views)`.
      typed = typed.replaceAll(new RegExp(`\\$${number}(?!\\d)`, 'g'), `$${number}::text`)
    }
  }
}

const untypedParameter = '42P18'

/** To pg_stat_statements a constant is a value, whose type was plain from how it was written. */
function withLiteralTypes(sql: string): string {
  return sql
    .replaceAll(/\b(interval|date|time|timestamp|timestamptz)\s+(\$\d+)(?!\d)/gi, '$2::$1')
    .replaceAll(
      /((?:::date|\bcurrent_date)(?:\s*[-+]\s*[\w.]+)*\s*[-+]\s*\$\d+)(?!\d|\s*::)/gi,
      '$1::integer',
    )
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
