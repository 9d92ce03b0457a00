import pg from 'pg'
import type { AuditClient } from '../audit-client.ts'
import { reasonOf } from '../audit-error.ts'
import { isLockTimeout, type LockWatch } from '../facts/lock-watch.ts'
import type { StatementFacts } from '../facts/statements.ts'
import { nameOf } from '../facts/tables.ts'
import { isOneOff } from '../purpose.ts'
import { ownerOf, type StatementTags } from '../query-tags.ts'
import { bareSql, isOneStatement, namesIt } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import type { PlanNode } from './plan.ts'
import { explainTyped } from './typed-parameters.ts'

/** A statement with its plan: for any values, or, out of the log, for those that it was run with. */
export interface ExplainedStatement {
  readonly sql: string
  /** The same as it can be explained. */
  readonly text: string
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

/** A regular statement of whose plan nothing is known. */
export interface NotExplained {
  readonly sql: string
  readonly owner: string
  readonly calls: number
  /** As PostgreSQL words it: its table is gone, say, or not to be read by who asks. */
  readonly reason: string
}

/** Explains the regular statements of the most total time. */
export async function explainStatements(
  client: AuditClient,
  statements: readonly StatementFacts[],
  watch: LockWatch,
): Promise<{ explained: ExplainedStatement[]; notExplained: NotExplained[] }> {
  const chosen = statements
    .filter(({ calls, isTopLevel }) => isTopLevel && calls >= thresholds.regularCalls)
    .filter((statement) => !isOneOff(statement))
    .slice(0, thresholds.explainedStatements)
  const explained: ExplainedStatement[] = []
  const notExplained: NotExplained[] = []
  for (const { sql, tags, role, searchPath, calls, hits, reads, rows } of chosen) {
    const refuse = (reason: string) => notExplained.push({ sql, owner: ownerOf(tags, role), calls, reason })
    const bare = bareSql(sql)
    // It would wait for its lock once more, each of them for a second.
    const locked = watch.leftOut.find(({ name }) => namesIt(bare, name))
    if (locked) {
      refuse(`${nameOf(locked)} is locked`)
      continue
    }
    // What a cursor reads is counted for its fetches.
    const known = !/^declare\b/i.test(sql)
    try {
      const { text, plan } = await explainTyped(queryIn(sql), (one) => explain(client, one, searchPath))
      explained.push({
        sql,
        text,
        tags,
        role,
        searchPath,
        calls,
        blocksPerCall: known ? (hits + reads) / calls : null,
        rowsPerCall: known ? rows / calls : null,
        source: 'pg_stat_statements',
        plan,
      })
    } catch (error) {
      if (isLockTimeout(error)) await watch.look()
      refuse(reasonOf(error))
    }
  }
  return { explained, notExplained }
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
 * @throws Error for what is not a single statement that reads or writes rows, or what PostgreSQL says of it, with the position in `sql`
 */
export async function explain(
  client: AuditClient,
  sql: string,
  searchPath: string | null,
): Promise<PlanNode> {
  if (!isOneStatement(sql)) throw new Error('not a statement to be explained')
  await client.rows(`select set_config('search_path', $1, false)`, [searchPath ?? '"$user", public'])
  const [head, body] = ['explain (generic_plan, verbose, format json) ', sql.replace(/;\s*$/, '')]
  try {
    // First with values, which is refused if it is more than one statement. The plan for any values needs the other protocol.
    await client.rows(head + body, Array(parametersOf(sql)).fill(null))
    const [row] = await client.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(head + body)
    return row!['QUERY PLAN'][0].Plan
  } catch (error) {
    throw inText(error, body, head.length)
  }
}

/** PostgreSQL counts whole characters, and from the beginning of what was sent. */
function inText(error: unknown, body: string, before: number): unknown {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return error
  const characters = Array.from(body).slice(0, Number(error.position) - 1 - before)
  error.position = String(characters.join('').length + 1)
  return error
}

function parametersOf(sql: string): number {
  return Math.max(0, ...[...bareSql(sql).matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
}
