import { decodeCursor } from './cursor.ts'
import type { KeysetOrder } from './order.ts'

/** Relay's paging arguments: `first` (with `after`), or `last` (with `before`). How many is the caller's to bound. */
export interface KeysetPageArguments {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/** Which rows to read, from where, and which way. */
export interface Reach {
  size: number
  backward: boolean
  /** The cursor's sort keys, or null to begin at the list's end. */
  from: string[] | null
}

/**
 * What the arguments ask for.
 * @throws InvalidCursorError for a cursor that is not of this order
 * @throws RangeError for sizes that no client's argument may bring here unchecked
 */
export function reachOf(order: KeysetOrder, { first, after, last, before }: KeysetPageArguments): Reach {
  const backward = last != null
  const size = backward ? last : first
  if ((first == null) === (last == null)) throw new RangeError('a page needs `first` or `last`, and not both')
  if ((backward ? after : before) != null)
    throw new RangeError('`after` goes with `first`, and `before` with `last`')
  if (size == null || !Number.isInteger(size) || size < 1)
    throw new RangeError(`a page can't hold ${size} rows`)
  const cursor = backward ? before : after
  return {
    size,
    backward,
    from: cursor == null ? null : decodeCursor(order, cursor, backward ? 'before' : 'after'),
  }
}
