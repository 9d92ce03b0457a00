/** Why a mutation was refused: part of its answer, not of `errors`. `Code` is the service's own `UserErrorCode`. */
export interface UserErrorRow<Code extends string> {
  readonly code: Code
  /** For people. */
  readonly message: string
  /** The path of the input field at fault: `['input', 'variants', '0', 'sku']`; null if it is none in particular. */
  readonly field: string[] | null
}

/**
 * @param field the path of the input field at fault; left out if it is none in particular
 * @example
 * userError('TAKEN', 'Another variant has this SKU already', 'input', 'variants', '0', 'sku')
 */
export function userError<Code extends string>(
  code: Code,
  message: string,
  ...field: string[]
): UserErrorRow<Code> {
  return { code, message, field: field.length > 0 ? field : null }
}
