/** SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const queryCancelled = '57014'
const constraintViolations = new Set(['23502', '23503', '23505', '23514', '23P01'])
const worthRetrying = new Set(['40001', '40P01'])

/** PostgreSQL gave a statement up: it ran longer than `statementTimeoutMs`, or an operator cancelled it. */
export class StatementTimeoutError extends Error {
  readonly code = 'STATEMENT_TIMEOUT'

  constructor(cause: unknown) {
    super('A database statement took too long and was cancelled', { cause })
    this.name = 'StatementTimeoutError'
  }
}

/** The SQLSTATE of an error thrown by PostgreSQL, or null for any other value. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/**
 * The name of the constraint that made PostgreSQL refuse a row (unique, foreign key, check, exclusion), `''` if
 * it has none (not null), or null for any other error. To answer `TAKEN` when two writers race:
 *
 * ```ts
 * if (violatedConstraint(error) === 'accounts_handle_key') return taken('handle')
 * ```
 */
export function violatedConstraint(error: unknown): string | null {
  const state = sqlState(error)
  if (state === null || !constraintViolations.has(state)) return null
  const { constraint } = error as { constraint?: unknown }
  return typeof constraint === 'string' ? constraint : ''
}

/** Whether the same transaction may well succeed when it is run once more: a deadlock, or a serialization failure. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error)
  return state !== null && worthRetrying.has(state)
}

/** What callers see in place of the driver's error. */
export function typedError(error: unknown): unknown {
  return sqlState(error) === queryCancelled ? new StatementTimeoutError(error) : error
}
