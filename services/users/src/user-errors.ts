import { type UserErrorRow as Row, userError } from '@freshet/subgraph'
import type { UserErrorCode } from './generated/graphql.ts'

/** Why a mutation was refused, for the client. */
export type UserErrorRow = Row<UserErrorCode>

/** Tells the seconds, as the contract of RATE_LIMITED says. */
export const rateLimited = (seconds: number): UserErrorRow =>
  userError(
    'RATE_LIMITED',
    `Too many tries. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  )
