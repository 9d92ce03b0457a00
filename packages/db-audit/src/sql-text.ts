import { createHash } from 'node:crypto'

/** Without comments and without what stands in quotes: what is left may be searched for words. Names in quotes stay. */
export function bareSql(sql: string): string {
  let bare = ''
  let at = 0
  for (const { index } of sql.matchAll(/'|"|\$(?:[a-z_]\w*)?\$|\/\*|--/gi)) {
    if (index < at) continue
    const { end, instead } = quotedFrom(sql, index)
    bare += sql.slice(at, index) + instead
    at = end
  }
  return bare + sql.slice(at)
}

/** What begins with a quote or a comment: up to its end, or that of the text. Each character is looked at once. */
function quotedFrom(sql: string, start: number): { end: number; instead: string } {
  const after = (mark: string, from: number) => {
    const found = sql.indexOf(mark, from)
    return found < 0 ? sql.length : found + mark.length
  }
  if (sql.startsWith('--', start)) return { end: after('\n', start), instead: ' ' }
  if (sql.startsWith('/*', start)) return { end: commentEnd(sql, start), instead: ' ' }
  if (sql[start] === '$') {
    const mark = sql.slice(start, sql.indexOf('$', start + 1) + 1)
    return { end: after(mark, start + mark.length), instead: "''" }
  }
  const quote = sql[start]!
  // Of a doubled quote the second half begins a text of its own, which is left out, too.
  let end = after(quote, start + 1)
  if (quote === "'" && /(?<![\w$])e$/i.test(sql.slice(Math.max(0, start - 2), start)))
    end = escapedEnd(sql, start)
  return { end, instead: quote === '"' ? sql.slice(start, end) : "''" }
}

/** PostgreSQL's comments may stand in one another. */
function commentEnd(sql: string, start: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return sql.length
}

/** In `E'…'` a backslash takes its meaning from a quote. */
function escapedEnd(sql: string, start: number): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at += 1
    else if (sql[at] === "'") return at + 1
  }
  return sql.length
}

/** What statements have in common that differ in their values, and in how many values a list has. */
export function shapeOf(sql: string): string {
  return bareSql(sql)
    .replaceAll(/\$\d+|\b\d+(?:\.\d+)?\b|(?:'')+/g, '?')
    .replaceAll(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** What ends a line, steers a terminal, or turns the order of letters around. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/** Names and texts of others, on one line. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, ' ')
}

/** One line for a title or a table. */
export function shortSql(sql: string, longest = 110): string {
  const line = printable(sql).replaceAll(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

/** What a statement is called in a finding: of two that begin alike, each by its own name, in each audit by the same. */
export function statementName(sql: string): string {
  const short = shortSql(sql)
  if (!short.endsWith('…')) return short
  return `${short} #${createHash('sha256').update(shapeOf(sql)).digest('hex').slice(0, 8)}`
}

/** Whether a name stands in it by itself, in quotes or not. */
export function namesIt(bare: string, name: string): boolean {
  const [text, wanted] = [bare.toLowerCase(), name.toLowerCase()]
  const isPart = (character: string | undefined) =>
    character !== undefined && /[\p{L}\p{N}_$]/u.test(character)
  for (const form of [wanted, wanted.replaceAll('"', '""')]) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
      if (!isPart(text[at - 1]) && !isPart(text[at + form.length])) return true
    }
  }
  return false
}

/** For a regular expression that is built of names. */
export function escapedPattern(name: string): string {
  return name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** Words that name nothing without quotes. */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right
  select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using
  variadic verbose when where window with`.split(/\s+/),
)

/** As SQL has a name. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** As SQL has the name of something in a schema: for advice that is to be run. */
export const sqlName = ({ schema, name }: { schema: string; name: string }) =>
  `${quoteName(schema)}.${quoteName(name)}`

/** Whether it is a single statement that reads or writes rows: only such a one is explained. */
export function isOneStatement(sql: string): boolean {
  const bare = bareSql(sql)
    .replaceAll(/"[^"]*"/g, '""')
    .trim()
    .replace(/;$/, '')
  return !bare.includes(';') && /^[\s(]*(select|insert|update|delete|merge|with|table|values)\b/i.test(bare)
}
