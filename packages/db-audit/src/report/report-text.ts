import type { AuditReport } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { printable, shortSql } from '../sql-text.ts'
import { duration, percent } from './figures.ts'

/** The report for a terminal. What others wrote (names, statements) is one line without control characters. */
export function reportText(report: AuditReport): string {
  const { findings, topStatements, notExplained, database, at } = report
  const lines = [`${shortSql(database)}, ${at}: ${countOf(findings)}`, '']
  for (const finding of findings) lines.push(...findingLines(finding), '')
  lines.push('Where the time goes', ...topStatements.map(topLine))
  if (notExplained.length > 0)
    lines.push('', notExplainedText(notExplained.length), ...notExplained.flatMap(notExplainedLines))
  return lines.join('\n')
}

const notExplainedLines = ({ sql, owner, calls, reason }: AuditReport['notExplained'][number]) => [
  `  ${shortSql(owner)}, ${calls} calls: ${shortSql(sql)}`,
  `    ${shortSql(reason, 300)}`,
]

/** What the report can't tell. */
export function notExplainedText(count: number): string {
  return `${count === 1 ? 'One statement' : `${count} statements`} could not be explained, and nothing is said of ${count === 1 ? 'its plan' : 'their plans'}:`
}

/** `2 errors, 1 warning`, or that there is nothing. */
export function countOf(findings: readonly Finding[]): string {
  const counted = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`]
  })
  return counted.join(', ') || 'nothing found'
}

function findingLines({
  severity,
  id,
  title,
  object,
  detail,
  advice,
  evidence,
  migration,
}: Finding): string[] {
  const owner = evidence.owner === undefined ? [] : [`owner: ${evidence.owner}`]
  const below = [object, ...owner, detail, `do: ${advice}`].map((line) => `  ${shortSql(line, 1_000)}`)
  const ready = migration ? ['', ...migrationText(migration).trimEnd().split('\n').map(indented)] : []
  return [`${severity}  ${id}: ${title}`, ...below, ...ready]
}

/** Names in a database may hold anything, too. */
const indented = (line: string) => `    ${printable(line)}`

/** The file, under a name for the folder of its service. */
export function migrationText({ schema, name, text }: NonNullable<Finding['migration']>): string {
  return `// services/${schema}/migrations/NNNN_${name}.ts\n${text}`
}

const topLine = ({
  sql,
  owner,
  role,
  calls,
  totalMs,
  meanMs,
  share,
}: AuditReport['topStatements'][number]) => {
  const whose = [owner.service ?? role, owner.operation, owner.field].filter(Boolean).join(', ')
  const figures = `${percent(share).padStart(5)}  ${duration(totalMs).padStart(9)}  ${String(calls).padStart(8)} x ${duration(meanMs)}`
  return `${figures}  ${shortSql(whose)}: ${shortSql(sql)}`
}
