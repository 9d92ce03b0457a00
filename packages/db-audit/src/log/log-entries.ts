/** One entry of PostgreSQL's log, whichever way it is written. */
export interface LogEntry {
  readonly level: string
  readonly message: string
  /** The statement at fault, where the entry names one. */
  readonly statement: string | null
  readonly role: string | null
  /** Null where the log does not say. */
  readonly database: string | null
}

/** Levels that begin an entry, and those that belong to the one before. */
const entryLine =
  /^(?<prefix>.*?)(?<level>LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|DETAIL|HINT|CONTEXT|STATEMENT|QUERY): {2}(?<text>.*)$/

/**
 * Reads `log_destination = 'stderr'` or `'jsonlog'`, line by line; lines that are neither are left out.
 *
 * @param databases those of the server: a name may hold spaces, which nothing marks in a line
 */
export function readEntries(lines: Iterable<string>, databases: readonly string[] = []): LogEntry[] {
  const known = databases.toSorted((a, b) => b.length - a.length)
  const entries: (LogEntry & { statement: string | null; message: string })[] = []
  let goesOn: ((line: string) => void) | null = null
  for (const line of lines) {
    if (line.startsWith('{')) {
      const entry = fromJson(line)
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
    } else if (level !== '' && !/^(DETAIL|HINT|CONTEXT|QUERY)$/.test(level)) {
      const entry = { level, message: text, statement: null, ...whoIn(prefix, known) }
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

function fromJson(line: string): LogEntry | null {
  try {
    const { error_severity, message, statement, user, dbname } = JSON.parse(line) as Record<string, unknown>
    if (typeof message !== 'string') return null
    const text = (value: unknown) => (typeof value === 'string' ? value : null)
    return {
      level: text(error_severity) ?? '',
      message,
      statement: text(statement),
      role: text(user),
      database: text(dbname),
    }
  } catch {
    return null
  }
}
