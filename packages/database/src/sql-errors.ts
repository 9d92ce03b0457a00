/** SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const queryCancelled = '57014'
const lockNotAvailable = '55P03'
const constraintViolations = new Set(['23502', '23503', '23505', '23514', '23P01'])
/** Shut down by an administrator, crashed, starting up, session ended for being idle; out of connections. */
const awayStates = new Set(['57P01', '57P02', '57P03', '57P05', '53300'])
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
/** pg and pg-pool give these no code. The texts are those of the pinned versions. */
const awayMessages =
  /^(Connection terminated|timeout expired|Client has encountered a connection error|Client was closed)/
/** pg-pool's, for who waited for a connection that others held; one that could not be made has another text. */
const busyMessage = 'timeout exceeded when trying to connect'
const worthRetrying = new Set(['40001', '40P01'])

/** PostgreSQL gave a statement up: it ran longer than `statementTimeoutMs`, or an operator cancelled it. */
export class StatementTimeoutError extends Error {
  readonly code = 'STATEMENT_TIMEOUT'

  constructor(cause: unknown) {
    super('A database statement took too long and was cancelled', { cause })
    this.name = 'StatementTimeoutError'
  }
}

/**
 * No connection of the pool became free in time: the database is there, this process asks more of it than its pool
 * bears. To a client it is a statement that took too long.
 */
export class PoolBusyError extends StatementTimeoutError {
  constructor(cause: unknown) {
    super(cause)
    this.message = 'All connections of the pool were busy, and none became free in time'
    this.name = 'PoolBusyError'
  }
}

/** A lock was not to be had within `lock_timeout`, or at once where that was asked for: nothing was changed. */
export class LockTimeoutError extends Error {
  readonly code = 'LOCK_TIMEOUT'

  constructor(cause: unknown) {
    super('A database lock was not to be had in time', { cause })
    this.name = 'LockTimeoutError'
  }
}

/** PostgreSQL could not be reached in time, or ended the connection: nothing is wrong with the statement. */
export class DatabaseUnavailableError extends Error {
  readonly code = 'DATABASE_UNAVAILABLE'

  constructor(cause: unknown) {
    super('The database can not be reached', { cause })
    this.name = 'DatabaseUnavailableError'
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
  if (sqlState(error) === queryCancelled) return new StatementTimeoutError(error)
  if (sqlState(error) === lockNotAvailable) return new LockTimeoutError(error)
  if (error instanceof Error && error.message === busyMessage) return new PoolBusyError(error)
  return isAway(error) ? new DatabaseUnavailableError(error) : error
}

function isAway(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== null) return awayStates.has(state) || state.startsWith('08')
  if (typeof error !== 'object' || error === null) return false
  const { code, message, errors } = error as Record<string, unknown>
  if (typeof message === 'string' && awayMessages.test(message)) return true
  if (typeof code === 'string' && awayCodes.has(code)) return true
  // All addresses of a name were tried.
  return Array.isArray(errors) && errors.some(isAway)
}
