import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { auditName } from '../audit-client.ts'
import { AuditError } from '../audit-error.ts'
import type { PlanNode } from '../plans/plan.ts'
import { type StatementTags, splitTags } from '../query-tags.ts'
import { type LogEntry, readEntries } from './log-entries.ts'
import type { LogFacts, LoggedStatement, LoggedTrouble } from './log-facts.ts'

/** Lines; of a longer log the last ones count, for they are what still happens. */
const mostLines = 2_000_000

/** Bytes without an end of a line: more is no log, and would not fit into a text. */
const longestLine = 50_000_000

/** Of what a log says, what counts. */
export interface LogView {
  readonly database: string
  /** All of the server. */
  readonly databases: readonly string[]
  /** By how much the server's time in the log is ahead of UTC. */
  readonly zoneSeconds: number
  /** What was before has had its time; what has none is not left out. */
  readonly since: Date
}

/** @throws AuditError LOG_UNREADABLE or LOG_INVALID */
export async function readLog(file: string, view: LogView): Promise<LogFacts> {
  const lines = await linesOf(file)
  const entries = readEntries(lines, view.databases, view.zoneSeconds)
  if (entries.length > 0 || lines.length === 0) return factsOf(entries, view)
  throw invalid(file)
}

const invalid = (file: string) =>
  new AuditError(
    'LOG_INVALID',
    `${file} has nothing in it that PostgreSQL writes: name a log of log_destination = stderr or jsonlog (csvlog is not read)`,
  )

async function linesOf(file: string): Promise<string[]> {
  const lines: string[] = []
  let begun = ''
  try {
    // A device or a pipe may never end.
    if (!(await stat(file)).isFile()) throw Object.assign(new Error(), { code: 'it is no regular file' })
    for await (const chunk of createReadStream(file, 'utf8')) {
      const [first = '', ...others] = (chunk as string).split('\n')
      begun += first
      for (const other of others) {
        lines.push(begun.endsWith('\r') ? begun.slice(0, -1) : begun)
        begun = other
      }
      if (begun.length > longestLine) throw invalid(file)
      if (lines.length > mostLines) lines.splice(0, mostLines / 2)
    }
  } catch (error) {
    if (error instanceof AuditError) throw error
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AuditError(
      'LOG_UNREADABLE',
      `the log ${file} can't be read (${reason}): name PostgreSQL's own log file, written as stderr or jsonlog`,
      error,
    )
  }
  return begun === '' ? lines : [...lines, begun]
}

/** What the log says of this database, or does not say of which; without what an audit did. */
export function logFacts(
  lines: Iterable<string>,
  database: string,
  databases: readonly string[] = [database],
  { zoneSeconds = 0, since = new Date(0) }: Partial<LogView> = {},
): LogFacts {
  return factsOf(readEntries(lines, databases, zoneSeconds), { database, since })
}

function factsOf(
  all: readonly LogEntry[],
  { database, since }: Pick<LogView, 'database' | 'since'>,
): LogFacts {
  const entries = all.filter(
    (entry) => (entry.database ?? database) === database && (entry.at ?? since) >= since,
  )
  return {
    statements: entries.flatMap((entry) => statementOf(entry) ?? []).filter(isOthers),
    troubles: entries.flatMap((entry) => troubleOf(entry) ?? []).filter(isOthers),
  }
}

const isOthers = ({ tags }: { tags: StatementTags }) => tags.service !== auditName

const duration =
  /^duration: (?<milliseconds>[\d.]+) ms {2}(?:(?<planned>plan):\s*|(?:statement|execute [^:]+): )(?<rest>[\s\S]*)$/

function statementOf({ message, role, at, pid }: LogEntry): LoggedStatement | null {
  const { milliseconds, planned, rest = '' } = duration.exec(message)?.groups ?? {}
  if (milliseconds === undefined) return null
  const own = { role, at, pid, milliseconds: Number(milliseconds) }
  if (planned === undefined) return { ...splitTags(rest), ...own, plan: null }
  const explained = planIn(rest)
  return explained && { ...splitTags(explained.text), ...own, plan: explained.plan }
}

/** auto_explain's JSON; its other formats are for people, and only the statement is read from them. */
function planIn(text: string): { text: string; plan: PlanNode | null } | null {
  if (!text.startsWith('{')) {
    const [, statement] = /^Query Text: ([\s\S]*?)(?=\n\S.*\(cost=|$)/.exec(text) ?? []
    return statement === undefined ? null : { text: statement, plan: null }
  }
  try {
    const { 'Query Text': statement, Plan } = JSON.parse(text) as { 'Query Text': string; Plan: PlanNode }
    return { text: statement, plan: Plan }
  } catch {
    return null
  }
}

const troubles: [RegExp, LoggedTrouble['kind']][] = [
  [/^deadlock detected/, 'deadlock'],
  // Who takes turns by an advisory lock (migrations, say) means to wait.
  [/^process \d+ still waiting for \w+ on (?!advisory lock)/, 'lock-wait'],
  [/^canceling statement due to statement timeout/, 'statement-timeout'],
]

function troubleOf({ message, detail, statement, role, at, pid }: LogEntry): LoggedTrouble | null {
  const kind = troubles.find(([pattern]) => pattern.test(message))?.[1]
  if (kind === undefined) return null
  const [, pids] = /holding the lock: ([\d, ]+)\./.exec(detail ?? '') ?? []
  const holders = pids?.split(', ').map(Number) ?? []
  return { kind, role, at, pid, holders, ...splitTags(statement ?? '') }
}
