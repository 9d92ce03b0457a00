import type { Facts } from '../facts/facts.ts'
import type { StatementFacts } from '../facts/statements.ts'
import type { Finding } from '../finding.ts'
import { isOneOff, severityOfTime, takesTurns } from '../purpose.ts'
import { ownerOf } from '../query-tags.ts'
import { duration, megabytes } from '../report/figures.ts'
import { bareSql, statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/** Statements that cost more than they should, by what pg_stat_statements has counted. */
export function statementFindings({ statements }: Facts): Finding[] {
  return statements
    .filter(({ calls, isTopLevel }) => isTopLevel && calls >= thresholds.regularCalls)
    .filter((statement) => !isOneOff(statement) && !takesTurns(statement))
    .flatMap((statement) => [
      ...slow(statement),
      ...spilling(statement),
      ...unbounded(statement),
      ...skipping(statement),
    ])
}

const common = (statement: StatementFacts) => ({
  severity: 'warning' as const,
  object: statementName(statement.sql),
})
const evidenceOf = ({ tags, role, calls, totalMs, meanMs }: StatementFacts) => ({
  owner: ownerOf(tags, role),
  calls,
  total_ms: Math.round(totalMs),
  mean_ms: Number(meanMs.toFixed(3)),
})

function slow(statement: StatementFacts): Finding[] {
  if (statement.meanMs < thresholds.slowStatement) return []
  return [
    {
      id: 'statement.slow',
      title: 'a statement is slow each time',
      ...common(statement),
      severity: severityOfTime(statement),
      detail: `${duration(statement.meanMs)} on average, ${duration(statement.totalMs)} in all.`,
      advice: 'its plan is in the log (auto_explain); what this audit says of its tables comes first',
      evidence: evidenceOf(statement),
    },
  ]
}

function spilling(statement: StatementFacts): Finding[] {
  const bytes = statement.spilledBytes / statement.calls
  if (bytes < thresholds.spill) return []
  return [
    {
      id: 'statement.temporary-files',
      title: 'a statement sorts or hashes on disk',
      ...common(statement),
      severity: severityOfTime(statement),
      detail: `${megabytes(bytes)} of temporary files each time: more than work_mem holds.`,
      advice: 'sort by an index, or read fewer columns; else raise work_mem for this role',
      evidence: { ...evidenceOf(statement), bytes_per_call: Math.round(bytes) },
    },
  ]
}

function unbounded(statement: StatementFacts): Finding[] {
  const rows = statement.rows / statement.calls
  if (rows < thresholds.rowsPerCall || !/^[\s(]*(select|with|table)\b/i.test(statement.sql)) return []
  return [
    {
      id: 'statement.unbounded',
      title: 'a statement gives more rows than anybody looks at',
      ...common(statement),
      detail: `${Math.round(rows)} rows each time.`,
      advice: 'give it a limit and page by key (keysetPage of @freshet/database), or count in SQL',
      evidence: { ...evidenceOf(statement), rows_per_call: Math.round(rows) },
    },
  ]
}

const paged = /\blimit\s+[^\s)]+\s+offset\b|\boffset\s+[^\s)]+\s+(?:rows?\s+fetch|limit)\b/i

function skipping(statement: StatementFacts): Finding[] {
  // By itself, without a limit, it is `offset 0`: a fence for the planner, as keysetPage sets one.
  const bare = bareSql(statement.sql)
  if (!paged.test(bare) && !pagedByNumber(bare)) return []
  return [
    {
      id: 'statement.offset',
      title: 'a statement pages by OFFSET',
      ...common(statement),
      detail:
        'It reads and throws away every row before the page, and shows rows twice or never when others come in.',
      advice: 'page by key (keysetPage of @freshet/database)',
      evidence: evidenceOf(statement),
    },
  ]
}

/** `… row_number() over (order by …) as n … where n between $1 and $2`. One with an upper bound alone gives a page. */
function pagedByNumber(bare: string): boolean {
  const numbered = /\brow_number\s*\(\s*\)\s*over\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*(?:as\s+)?"?(\w+)"?/gi
  return [...bare.matchAll(numbered)].some(([, over, name]) => {
    // By a partition it tells first rows from further ones of the same.
    if (/\bpartition\s+by\b/i.test(over!)) return false
    return new RegExp(`\\b${name}"?\\s*(?:between\\b|>)`, 'i').test(bare)
  })
}
