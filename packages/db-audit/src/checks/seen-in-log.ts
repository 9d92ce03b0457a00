import type { Logged } from '../log/log-facts.ts'

/** When it was, so that what is over can be told from what goes on. */
export function seenIn(group: readonly Logged[]): {
  /** `, at 2026-11-26T06:00:00.000Z`, or from when to when; nothing where the log has no times. */
  readonly when: string
  readonly evidence: { readonly first?: string; readonly last?: string }
} {
  const found = group.flatMap(({ at }) => at?.getTime() ?? []).toSorted((a, b) => a - b)
  if (found.length === 0) return { when: '', evidence: {} }
  const first = new Date(found[0]!).toISOString()
  const last = new Date(found.at(-1)!).toISOString()
  return { when: first === last ? `, at ${first}` : `, from ${first} to ${last}`, evidence: { first, last } }
}
