/** Why there was no audit. */
export type AuditErrorCode =
  | 'URL_INVALID'
  | 'UNREACHABLE'
  | 'NOT_PERMITTED'
  | 'STATEMENTS_MISSING'
  | 'VERSION_TOO_OLD'
  /** PostgreSQL ended it, or the connection: the cause has the reason. */
  | 'INTERRUPTED'
  | 'LOG_UNREADABLE'
  | 'LOG_INVALID'
  | 'BASELINE_UNREADABLE'
  | 'BASELINE_INVALID'
  | 'OUTPUT_UNWRITABLE'

/** The audit could not be made; the message says what to do. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
  readonly code: AuditErrorCode
  /** What a process ends with that wanted an audit: 1 says that there was one, with findings. */
  readonly exitCode = 2

  constructor(code: AuditErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** What an error says, for a message of ours: those of a connection that was refused at every address have only a name. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error)
