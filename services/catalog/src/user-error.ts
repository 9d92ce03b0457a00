import type { UserErrorRow as Row } from '@freshet/subgraph'
import type { UserErrorCode } from './generated/graphql.ts'

/** Why a change was refused, for the client. */
export type UserErrorRow = Row<UserErrorCode>
