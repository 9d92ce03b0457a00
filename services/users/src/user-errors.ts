import type { UserErrorCode } from './generated/graphql.ts'

/** Why a mutation was refused; part of its answer, not of `errors`. */
export interface UserErrorRow {
  readonly code: UserErrorCode
  readonly message: string
  /** The path of the input field at fault. */
  readonly field: string[] | null
}

export const userError = (
  code: UserErrorCode,
  message: string,
  field: string[] | null = null,
): UserErrorRow => ({
  code,
  message,
  field,
})

/** Tells the seconds, as the contract of RATE_LIMITED says. */
export const rateLimited = (seconds: number): UserErrorRow =>
  userError(
    'RATE_LIMITED',
    `Too many tries. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  )
