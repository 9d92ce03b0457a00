import type { UserErrorCode } from './generated/graphql.ts'

/** Why a change was refused, for the client. */
export interface UserErrorRow {
  code: UserErrorCode
  message: string
  /** The input field's path: `['input', 'variants', '0', 'sku']`. */
  field: string[] | null
}

export function userError(code: UserErrorCode, message: string, ...field: string[]): UserErrorRow {
  return { code, message, field: field.length > 0 ? field : null }
}
