import type { KeysetPageArguments } from '@freshet/database'
import { badUserInput } from '../errors.ts'
import { boundedInt } from './integer.ts'

/** How many rows a page of a list may hold. */
export interface PageBounds {
  /** The most. Default 100. */
  max?: number
  /** When the client says neither `first` nor `last`. Default 20. */
  default?: number
}

/**
 * Relay's paging arguments, checked: `first` with `after`, or `last` with `before`, never mixed, 1 to `max` rows.
 * Whether the cursor is one of the list's is checked by `keysetPage`.
 * @throws GraphQLError `BAD_USER_INPUT` naming the argument at fault
 */
export function pageArguments(args: KeysetPageArguments, bounds: PageBounds = {}): KeysetPageArguments {
  const { max = 100, default: size = 20 } = bounds
  const { first, after, last, before } = args
  if (first != null && last != null) {
    throw badUserInput('last', '`first` and `last` exclude each other: a page is read one way')
  }
  if (last != null) {
    if (after != null) throw badUserInput('after', '`after` goes with `first`; `last` takes `before`')
    return { last: boundedInt(last, { argument: 'last', min: 1, max }), before }
  }
  if (before != null) throw badUserInput('before', '`before` goes with `last`; `first` takes `after`')
  return { first: boundedInt(first ?? size, { argument: 'first', min: 1, max }), after }
}
