import { escapedPattern, quoteName } from '../sql-text.ts'

/** One condition on a column (or an expression of one) against a value. */
export interface Condition {
  /** SQL as an index would have it: `seller_id`, `lower(email)`. */
  readonly key: string
  readonly isColumn: boolean
  readonly kind: 'equal' | 'range' | 'other'
}

const operators: [pattern: RegExp, kind: Condition['kind']][] = [
  [/^(.+?) = ANY \((.+)\)$/s, 'equal'],
  [/^(.+?) (?:>=|<=|>|<) (.+)$/s, 'range'],
  [/^(.+?) = (.+)$/s, 'equal'],
  [/^(.+?) (?:<>|!?~~\*?|!?~\*?|@>|<@|&&|@@|IS) (.+)$/s, 'other'],
]

/**
 * Takes PostgreSQL's wording of a condition apart: `((p.seller_id = $1) AND (lower(p.title) = 'x'::text))`. It sets
 * everything in brackets, so that brackets are all there is to count. What is no condition of one key against a value
 * (an OR, two columns) is left out.
 */
export function readConditions(text: string, alias: string | undefined): Condition[] {
  return conjuncts(text).flatMap((part) => {
    for (const [pattern, kind] of operators) {
      const [, left, right] = pattern.exec(part) ?? []
      if (left === undefined || right === undefined || !isBalanced(left)) continue
      const key = bare(withoutAlias(left, alias))
      if (mentionsColumn(withoutAlias(right, alias)) || /^\$?\d/.test(key)) return []
      return [{ key, isColumn: /^\w+$|^"(?:[^"]|"")+"$/.test(key), kind }]
    }
    return []
  })
}

/** The parts that AND holds together, however deep. */
export function conjuncts(text: string): string[] {
  const inner = bare(text)
  const parts: string[] = []
  let [depth, start, quote] = [0, 0, '']
  for (let at = 0; at < inner.length; at++) {
    const character = inner[at]!
    if (quote === '' ? /['"]/.test(character) : character === quote) quote = quote === '' ? character : ''
    if (quote !== '') continue
    if (inner[at] === '(') depth += 1
    if (inner[at] === ')') depth -= 1
    if (depth > 0) continue
    if (inner.startsWith(' OR ', at)) return []
    if (!inner.startsWith(' AND ', at)) continue
    parts.push(inner.slice(start, at))
    start = at + ' AND '.length
  }
  return parts.length === 0 ? [inner] : [...parts, inner.slice(start)].flatMap(conjuncts)
}

/** Columns that PostgreSQL casts before it compares them, with the type: no index on the column itself is of use then. */
export function castColumns(text: string): { column: string; type: string }[] {
  const casts =
    /\(\(?(?:"?\w+"?\.)?"?(\w+)"?\)::((?:double precision|character varying|timestamp with(?:out)? time zone|\w+))/g
  return [...text.matchAll(casts)].map(([, column, type]) => ({ column: column!, type: type! }))
}

/** Without the brackets around all of it. */
function bare(text: string): string {
  const trimmed = text.trim()
  return trimmed.startsWith('(') && trimmed.endsWith(')') && isBalanced(trimmed.slice(1, -1))
    ? bare(trimmed.slice(1, -1))
    : trimmed
}

function isBalanced(text: string): boolean {
  let depth = 0
  for (const character of text.replaceAll(/'[^']*'|"[^"]*"/g, '')) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}

/** Names of columns, as an index of their own table has them. */
export function withoutAlias(text: string, alias: string | undefined): string {
  if (alias === undefined) return text
  const forms = [alias, quoteName(alias)].map(escapedPattern).join('|')
  return text.replaceAll(new RegExp(`(?<![\\w."])(?:${forms})\\.`, 'g'), '')
}

/** A value consists of parameters, literals, types and functions. Whatever is left as a name before a dot is another table's. */
function mentionsColumn(text: string): boolean {
  return /[a-z_]\w*"?\."?\w/i.test(text.replaceAll(/'(?:[^']|'')*'/g, '').replaceAll(/::[\w.]+/g, ''))
}
