import { openAuditClient } from './audit-client.ts'
import { AuditError, reasonOf } from './audit-error.ts'
import { type Baseline, baselineOf, readBaseline } from './baseline.ts'
import { activityFindings } from './checks/activity.ts'
import { bloatFindings } from './checks/bloat.ts'
import { cacheFindings } from './checks/cache.ts'
import { foreignKeyFindings, isServedBy } from './checks/foreign-keys.ts'
import { indexFindings } from './checks/indexes.ts'
import { leftOutFindings } from './checks/left-out.ts'
import { logFindings } from './checks/log.ts'
import { maintenanceFindings } from './checks/maintenance.ts'
import { missingIndexFindings } from './checks/missing-indexes.ts'
import { partitionFindings } from './checks/partitions.ts'
import { planFindings, scanObject } from './checks/plans.ts'
import { statementFindings } from './checks/statements.ts'
import { viewFindings } from './checks/views.ts'
import type { Facts } from './facts/facts.ts'
import { readFacts } from './facts/read-facts.ts'
import { byUrgency, type Finding } from './finding.ts'
import { grantsToTry } from './grants.ts'
import type { NotExplained } from './plans/explained.ts'
import { indexCandidates } from './plans/index-candidates.ts'
import { createTableLookup } from './plans/table-lookup.ts'
import { type TriedIndex, tryIndexes } from './scratch/try-indexes.ts'
import { shortSql } from './sql-text.ts'
import { type TopStatement, topStatements } from './top-statements.ts'

/** What {@link audit} looks at. */
export interface AuditOptions {
  /** A superuser's, or that of a role with pg_monitor and pg_read_all_data, of the database to look at. */
  readonly url: string
  /** PostgreSQL's log, as stderr or jsonlog. Without it nothing is said of traces. */
  readonly log?: string | undefined
  /** How far back the log counts; an hour, if it is not said. */
  readonly logSeconds?: number | undefined
  /** A file that holds an earlier report's baseline. */
  readonly baseline?: string | undefined
}

/** What an audit found. */
export interface AuditReport {
  readonly database: string
  readonly at: string
  /** Of all checks, the most urgent first. */
  readonly findings: readonly Finding[]
  readonly topStatements: readonly TopStatement[]
  /** The regular statements that could not be explained, and why: nothing is said of their plans. */
  readonly notExplained: readonly NotExplained[]
  /** The plans as they are now, to compare a later audit with. */
  readonly baseline: Baseline
}

const checks: readonly Check[] = [
  statementFindings,
  planFindings,
  logFindings,
  indexFindings,
  foreignKeyFindings,
  partitionFindings,
  maintenanceFindings,
  bloatFindings,
  viewFindings,
  activityFindings,
  cacheFindings,
  leftOutFindings,
]

/**
 * Reads the catalogs, the statistics and the log, judges them, and tries missing indexes on copies. Changes nothing that
 * stays; each of its statements is bounded.
 *
 * @throws AuditError that says what to do
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  try {
    return await auditOf(options)
  } catch (error) {
    if (error instanceof AuditError) throw error
    throw new AuditError(
      'INTERRUPTED',
      `the audit ended before it could tell anything (${shortSql(reasonOf(error), 300)}): run it again; if it ends so each time, report it`,
      error,
    )
  }
}

async function auditOf(options: AuditOptions): Promise<AuditReport> {
  const baseline = options.baseline === undefined ? null : await readBaseline(options.baseline)
  const client = await openAuditClient(options.url, 'read-only')
  let facts: Facts
  try {
    facts = await readFacts(client, { log: options.log, logSeconds: options.logSeconds ?? 3_600, baseline })
  } finally {
    await client.close()
  }
  const lookup = createTableLookup(facts.tables)
  const found = checks.flatMap((check) => findingsOf(check, facts))
  const candidates = facts.plans.flatMap((statement) => {
    try {
      return indexCandidates(statement, lookup, facts.indexes)
    } catch (error) {
      found.push(checkFailed('missingIndexFindings', error))
      return []
    }
  })
  const { tried, notTried } = await tryIndexes(options.url, candidates)
  found.push(
    ...missingIndexFindings(
      tried.filter((index) => !isRestored(index, found, baseline)),
      notTried,
      [...facts.tables, ...facts.indexes, ...facts.sequences],
      grantsToTry(options.url),
    ),
  )
  return {
    database: facts.database,
    at: facts.at.toISOString(),
    findings: reported(found, tried),
    topStatements: topStatements(facts.statements),
    notExplained: facts.notExplained,
    baseline: baselineOf(facts),
  }
}

type Check = (facts: Facts) => Finding[]

/** What a check finds. One that fails on an odd name or statement must not cost what the others have found. */
export function findingsOf(check: Check, facts: Facts): Finding[] {
  try {
    return check(facts)
  } catch (error) {
    return [checkFailed(check.name, error)]
  }
}

function checkFailed(check: string, error: unknown): Finding {
  const reason = shortSql(error instanceof Error ? error.message : String(error), 300)
  return {
    id: 'audit.check-failed',
    severity: 'error',
    title: 'a check of the audit failed, and what it looks for is not in this report',
    object: check,
    detail: `${reason || 'It gave no reason'}.`,
    advice: 'report it, with the definition of the table or the statement that it names',
    evidence: { reason },
  }
}

/** What was lost since the baseline is brought back as it was, and need not be made anew beside that. */
function isRestored(
  { table, keys }: TriedIndex,
  found: readonly Finding[],
  baseline: Baseline | null,
): boolean {
  const begin = `(${keys.join(', ')}`
  return (baseline?.indexes ?? []).some(
    ({ schema, table: name, name: index, definition }) =>
      schema === table.schema &&
      name === table.name &&
      [`${begin})`, `${begin}, `].some((part) => definition.includes(` USING btree ${part}`)) &&
      !/ WHERE /.test(definition) &&
      found.some(({ id, migration }) => id === 'plan.lost-index' && migration?.text.includes(index)),
  )
}

/** Each once, whether a plan or the log showed it; and of a scan that an index ends, only the index is reported. */
function reported(findings: readonly Finding[], tried: readonly TriedIndex[]): Finding[] {
  const mended = new Set(
    tried.flatMap(({ table, served }) => served.map(({ statement }) => scanObject(table, statement))),
  )
  const distinct = new Map(
    findings.toReversed().map((finding) => [`${finding.id} ${finding.object}`, finding]),
  )
  return [...distinct.values()]
    .filter(({ id, object }) => id !== 'plan.large-scan' || !mended.has(object))
    .filter((finding) => !isServedBy(tried, finding))
    .toSorted(byUrgency)
}
