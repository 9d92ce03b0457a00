import pg from 'pg'

/** The text of a statement as it can be explained, and what explaining it gave. */
export interface Explainable<Plan> {
  readonly text: string
  readonly plan: Plan
}

/** Of what PostgreSQL takes for granted in a literal, the most usual first. */
const types = ['integer', 'text', 'interval', 'timestamptz', 'numeric'] as const

/** So many attempts at one statement; each is parsed only, until one is explained. */
const mostAttempts = 60

/** So many parameters on each side of what has failed are tried. */
const mostNear = 4

/** Characters. A failure so close behind a new cast is the cast's own. */
const near = 40

/**
 * pg_stat_statements has made parameters of literals, and some of these meant more than a value: `interval '1 day'` has
 * become `interval $9`, and `current_date - 7` a difference of unknown type. So where PostgreSQL refuses a statement, its
 * parameters are given types until it does not, each by what PostgreSQL says and where. A type that fits gives a plan of the
 * same statement but for what the planner expects of a value, which it does not know either way.
 *
 * @param explain gives the plan of a text, or fails with PostgreSQL's error, whose position is one in that text
 * @throws the first error, where no types mend it
 */
export async function explainTyped<Plan>(
  sql: string,
  explain: (text: string) => Promise<Plan>,
): Promise<Explainable<Plan>> {
  let text = sql
  let given: ReadonlyMap<number, string> = new Map()
  let attempts = 0
  const first = await attempt(given)
  let result = first
  if ('failure' in first && withDays(text) !== text) {
    text = withDays(text)
    result = await attempt(given)
  }
  const tried = new Set<string>()
  while ('failure' in result) {
    const better = await mended(result.failure)
    if (better === null) throw (first as { failure: Failure }).failure.error
    result = better
  }
  return result

  async function attempt(
    wanted: ReadonlyMap<number, string>,
  ): Promise<Explainable<Plan> | { failure: Failure }> {
    attempts += 1
    const typed = withTypes(text, wanted)
    try {
      return { text: typed, plan: await explain(typed) }
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      return { failure: { error, text: typed, at: Number(error.position ?? 0) - 1 } }
    }
  }

  async function mended(failure: Failure) {
    const { error } = failure
    if (attempts >= mostAttempts) return null
    if (error.code === '42601') {
      const moved = withCasts(text, failure)
      if (moved === null) return null
      text = moved
      return await attempt(given)
    }
    const [, unknown] = error.code === '42P18' ? (/\$(\d+)/.exec(error.message) ?? []) : []
    if (unknown !== undefined && !given.has(Number(unknown))) {
      // A literal that nothing tells the type of is a text.
      given = new Map([...given, [Number(unknown), 'text']])
      return await attempt(given)
    }
    if (!mismatches.has(error.code ?? '')) return null
    for (const { number, at } of parametersNear(failure, given)) {
      for (const type of types) {
        if (tried.has(`${number} ${type}`) || attempts >= mostAttempts) continue
        tried.add(`${number} ${type}`)
        const wanted = new Map([...given, [number, type]])
        const result = await attempt(wanted)
        if ('failure' in result && !isElsewhere(result.failure, failure, at)) continue
        given = wanted
        return result
      }
    }
    return null
  }
}

/** What is added to a date, or taken from it, are days: by itself PostgreSQL would take it for another date. */
function withDays(text: string): string {
  return text.replaceAll(
    /((?:::date|\bcurrent_date)(?:\s*[-+]\s*[\w.]+)*\s*[-+]\s*\$\d+)(?!\d|\s*::)/gi,
    '$1::integer',
  )
}

interface Failure {
  readonly error: pg.DatabaseError
  readonly text: string
  /** Where in the text, from 0; -1 if that was not said. */
  readonly at: number
}

/** No such operator or function, too many of them, types that do not match, or can't be cast. */
const mismatches = new Set(['42883', '42725', '42804', '42846', '42P18'])

function isElsewhere({ error, at }: Failure, before: Failure, parameter: number): boolean {
  if (error.code === '42P18') return before.error.code !== '42P18'
  return at > Math.max(before.at, parameter) || (at >= 0 && at < Math.min(before.at, parameter) - near)
}

/** Strings, names in quotes and comments, or a parameter: only what has a number is one. */
const parameter = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\/\*.*?\*\/|--[^\n]*|\$(\d+)(?![\d$])/gs

function withTypes(text: string, given: ReadonlyMap<number, string>): string {
  return text.replaceAll(parameter, (whole: string, number?: string) => {
    const type = number === undefined ? undefined : given.get(Number(number))
    return type === undefined ? whole : `${whole}::${type}`
  })
}

/** `interval $9` as `$9::interval`, wherever that type stands so before a parameter. */
function withCasts(text: string, { text: typed, at }: Failure): string | null {
  if (!/^\$\d/.test(typed.slice(at))) return null
  const [, type] =
    /((?:\w+\s+with(?:out)?\s+time\s+zone|\w+)(?:\s*\(\s*\d+\s*\))?)\s*$/i.exec(typed.slice(0, at)) ?? []
  if (type === undefined) return null
  const words = type.split(/\s+/).map((word) => word.replaceAll(/[()]/g, '\\$&'))
  const before = new RegExp(`(?<![\\w.$"])${words.join('\\s+')}\\s*(\\$\\d+)`, 'gi')
  const moved = text.replaceAll(before, (_whole, number: string) => `${number}::${type}`)
  return moved === text ? null : moved
}

/** The parameters around what has failed, the nearest first. */
function parametersNear(
  { text, at }: Failure,
  given: ReadonlyMap<number, string>,
): { number: number; at: number }[] {
  return [...text.matchAll(parameter)]
    .flatMap(({ 0: whole, 1: number, index }) => {
      if (number === undefined) return []
      // Where the statement gives a type, another one before that fails by itself.
      const isCast = /^\s*::/.test(text.slice(index + whole.length, index + whole.length + near))
      return isCast && !given.has(Number(number)) ? [] : [{ number: Number(number), at: index }]
    })
    .toSorted((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))
    .slice(0, 2 * mostNear)
}
