const strings = /'(?:[^']|'')*'/g
const comments = /\/\*[\s\S]*?\*\/|--[^\n]*/g

/** Without comments and without what stands in quotes: what is left may be searched for words. */
export function bareSql(sql: string): string {
  return sql.replace(strings, "''").replace(comments, ' ')
}

/** What statements have in common that differ in their values, and in how many values a list has. */
export function shapeOf(sql: string): string {
  return bareSql(sql)
    .replaceAll(/\$\d+|\b\d+(?:\.\d+)?\b|''/g, '?')
    .replaceAll(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** One line for a title or a table. */
export function shortSql(sql: string, longest = 110): string {
  const line = sql.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

/** Whether it is a single statement that reads or writes rows: only such a one is explained. */
export function isOneStatement(sql: string): boolean {
  const bare = bareSql(sql).trim().replace(/;\s*$/, '')
  return !bare.includes(';') && /^\(*\s*(select|insert|update|delete|merge|with)\b/i.test(bare)
}
