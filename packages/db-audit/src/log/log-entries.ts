/** One entry of PostgreSQL's log, whichever way it is written. */
export interface LogEntry {
  readonly level: string
  readonly message: string
  /** Of a wait for a lock, who holds it. */
  readonly detail: string | null
  /** The statement at fault, where the entry names one. */
  readonly statement: string | null
  readonly role: string | null
  /** Null where the log does not say; so the others. */
  readonly database: string | null
  readonly at: Date | null
  readonly pid: number | null
}

/** Levels that begin an entry, and those that belong to the one before. */
const entryLine =
  /^(?<prefix>.*?)(?<level>LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|DETAIL|HINT|CONTEXT|STATEMENT|QUERY): {2}(?<text>.*)$/

/**
 * Reads `log_destination = 'stderr'` or `'jsonlog'`, line by line; lines that are neither are left out.
 *
 * @param databases those of the server: a name may hold spaces, which nothing marks in a line
 * @param zoneSeconds by how much the server's time in the log is ahead of UTC
 */
export function readEntries(
  lines: Iterable<string>,
  databases: readonly string[] = [],
  zoneSeconds = 0,
): LogEntry[] {
  const known = databases.toSorted((a, b) => b.length - a.length)
  const entries: (LogEntry & { statement: string | null; detail: string | null; message: string })[] = []
  let goesOn: ((line: string) => void) | null = null
  for (const line of lines) {
    if (line.startsWith('{')) {
      const entry = fromJson(line, zoneSeconds)
      if (entry) entries.push(entry)
      goesOn = null
      continue
    }
    // PostgreSQL sets a tab before every further line of an entry.
    if (line.startsWith('\t')) {
      goesOn?.(line.slice(1))
      continue
    }
    const { prefix = '', level = '', text = '' } = entryLine.exec(line)?.groups ?? {}
    const last = entries.at(-1)
    goesOn = null
    if (level === 'STATEMENT' && last) {
      last.statement = text
      goesOn = (more) => {
        last.statement += `\n${more}`
      }
    } else if (level === 'DETAIL' && last) {
      last.detail = text
    } else if (level !== '' && !/^(DETAIL|HINT|CONTEXT|QUERY)$/.test(level)) {
      const who = { ...whoIn(prefix, known), at: timeIn(prefix, zoneSeconds), pid: pidIn(prefix) }
      const entry = { level, message: text, detail: null, statement: null, ...who }
      entries.push(entry)
      goesOn = (more) => {
        entry.message += `\n${more}`
      }
    }
  }
  return entries
}

/** `user@database` of a prefix with `%u@%d`, as this repository sets it. A process of the server's own has neither: `@`. */
function whoIn(prefix: string, known: readonly string[]): Pick<LogEntry, 'role' | 'database'> {
  const [, role, rest = ''] = /(?:^|\s)([^\s@]*)@(.*)$/s.exec(prefix) ?? []
  if (role === undefined) return { role: null, database: null }
  // The longest: `my db` may stand beside `my`.
  const named = known.find((name) => name === rest.trimEnd() || rest.startsWith(`${name} `))
  return { role, database: named ?? /^\S*/.exec(rest)![0] }
}

/** `%m` or `%t` of a prefix. A zone is told by its abbreviation, which many share: then it is the server's. */
function timeIn(text: string, zoneSeconds: number): Date | null {
  const [, day, time, zone = ''] =
    /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([A-Za-z]+|[+-]\d\d(?::?\d\d)?)/.exec(text) ?? []
  const read = Date.parse(`${day}T${time}Z`)
  if (Number.isNaN(read)) return null
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  if (sign !== undefined) {
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000
    return new Date(sign === '-' ? read + ahead : read - ahead)
  }
  return new Date(/^(UTC|GMT)$/i.test(zone) ? read : read - zoneSeconds * 1_000)
}

/** `[%p]` of a prefix, or `[%p-%l]`. */
function pidIn(prefix: string): number | null {
  const [, pid] = /\[(\d+)[\]-]/.exec(prefix) ?? []
  return pid === undefined ? null : Number(pid)
}

function fromJson(line: string, zoneSeconds: number): LogEntry | null {
  try {
    const { error_severity, message, detail, statement, user, dbname, timestamp, pid } = JSON.parse(
      line,
    ) as Record<string, unknown>
    if (typeof message !== 'string') return null
    const text = (value: unknown) => (typeof value === 'string' ? value : null)
    return {
      level: text(error_severity) ?? '',
      message,
      detail: text(detail),
      statement: text(statement),
      role: text(user),
      database: text(dbname),
      at: timeIn(text(timestamp) ?? '', zoneSeconds),
      pid: typeof pid === 'number' ? pid : null,
    }
  } catch {
    return null
  }
}
