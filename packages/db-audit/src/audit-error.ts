/** Why there was no audit. */
export type AuditErrorCode =
  | 'URL_INVALID'
  | 'UNREACHABLE'
  | 'NOT_PERMITTED'
  | 'STATEMENTS_MISSING'
  | 'VERSION_TOO_OLD'
  | 'LOG_UNREADABLE'
  | 'LOG_INVALID'
  | 'BASELINE_UNREADABLE'
  | 'BASELINE_INVALID'
  | 'OUTPUT_UNWRITABLE'

/** The audit could not be made; the message says what to do. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
  readonly code: AuditErrorCode

  constructor(code: AuditErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
