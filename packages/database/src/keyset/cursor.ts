import type { KeysetOrder } from './order.ts'
import { codecOf } from './types.ts'

/** A cursor that this list did not hand out: malformed, made up, or of another list or sort order. */
export class InvalidCursorError extends Error {
  readonly code = 'CURSOR_INVALID'
  /** `after` or `before`. */
  readonly argument: string

  constructor(argument: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'InvalidCursorError'
    this.argument = argument
  }
}

/** Far above any cursor of ours; it bounds what a request can make us decode. */
const maxLength = 16_384

/** A row's place in its list: the order's name and the row's sort keys. Opaque to clients, and not secret. */
export function encodeCursor(order: KeysetOrder, values: readonly string[]): string {
  return Buffer.from(JSON.stringify([order.name, ...values])).toString('base64url')
}

/**
 * The sort keys in a cursor, each checked against its column's type: no made-up cursor can cause an SQL error.
 * @throws InvalidCursorError naming `argument`
 */
export function decodeCursor(order: KeysetOrder, cursor: string, argument: string): string[] {
  const parts = parse(cursor, argument)
  const [name, ...values] = parts
  if (name !== order.name) {
    throw new InvalidCursorError(argument, `\`${argument}\` is a cursor of another list or sort order`)
  }
  const fits =
    values.length === order.columns.length &&
    order.columns.every(({ type }, index) => codecOf(type).accepts(values[index]!))
  if (!fits) throw malformed(argument)
  return values
}

function parse(cursor: string, argument: string): string[] {
  if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw malformed(argument)
  let parts: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(cursor, 'base64url'))
    parts = JSON.parse(text)
  } catch (error) {
    throw malformed(argument, error)
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string' && part.isWellFormed())) {
    throw malformed(argument)
  }
  return parts
}

function malformed(argument: string, cause?: unknown): InvalidCursorError {
  return new InvalidCursorError(argument, `\`${argument}\` is not a cursor of this list`, cause)
}
