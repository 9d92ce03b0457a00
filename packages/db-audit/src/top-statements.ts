import type { StatementFacts } from './facts/statements.ts'
import { isOneOff } from './purpose.ts'
import type { StatementTags } from './query-tags.ts'

/** A statement that the database spends its time on, and whose it is. */
export interface TopStatement {
  readonly sql: string
  readonly owner: Pick<StatementTags, 'service' | 'operation' | 'field'>
  readonly role: string
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  /** Of the time of all statements but a seed's, which is over. */
  readonly share: number
}

const shown = 10

export function topStatements(statements: readonly StatementFacts[]): TopStatement[] {
  // What functions and triggers do is in the time of who called them.
  const own = statements.filter((statement) => statement.isTopLevel && !isOneOff(statement))
  const all = own.reduce((sum, { totalMs }) => sum + totalMs, 0)
  return own.slice(0, shown).map(({ sql, tags, role, calls, totalMs, meanMs }) => {
    const { service, operation, field } = tags
    const share = all === 0 ? 0 : totalMs / all
    return { sql, owner: { service, operation, field }, role, calls, totalMs, meanMs, share }
  })
}
