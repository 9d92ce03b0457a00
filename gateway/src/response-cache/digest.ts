import { createHash } from 'node:crypto'
import { stringify } from 'safe-stable-stringify'

/** A key's part that stands for this value: equal for equal JSON, in whatever order its properties were written. */
export function digest(value: unknown): string {
  return createHash('sha256')
    .update(stringify(value) ?? '')
    .digest('base64url')
}
