import type { OperationPolicy } from './cache-policy.ts'
import type { Recording } from './recording.ts'

/** What an answer says of itself, as `extensions.freshet`. */
export interface AnswerFreshness {
  /** Seconds that it may be kept; absent: not at all. */
  readonly maxAge?: number
  /** PRIVATE: for this viewer alone. */
  readonly scope?: 'PUBLIC' | 'PRIVATE'
  /** What it depends on, each once: whoever changes it invalidates one of these in the service's domain. */
  readonly tags?: readonly string[]
  /** Only of `_entities`: for each representation the indexes of its own tags. */
  readonly entities?: readonly (readonly number[])[]
  /** Only of `_entities` with scope PRIVATE: the representations that are this viewer's; the others are everybody's. */
  readonly private?: readonly number[]
  /** Only of a mutation that wrote: what is true no longer. The sequence is null if Redis did not acknowledge it. */
  readonly invalidated?: { readonly tags: readonly string[]; readonly sequence: string | null }
}

/** Why an answer must not be stored: it has errors, the schema gives it no `maxAge`, or nobody would tell of a change. */
export type NotStored = 'error' | 'policy' | 'untold'

/** What a query's answer says of itself, or why nobody may store it. */
export function freshnessOf(recording: Recording, policy: OperationPolicy): AnswerFreshness | NotStored {
  const whole = recording.whole.dependencies
  const representations = recording.representations?.frames.map(({ dependencies }) => dependencies)
  const all = [whole, ...(representations ?? [])]
  if (all.some(({ untold }) => untold)) return 'untold'
  const maxAge = Math.floor(Math.min(policy.maxAge, ...all.map(({ maxAgeSeconds }) => maxAgeSeconds)))
  if (maxAge <= 0) return 'policy'

  const indexes = new Map<string, number>()
  for (const { tags } of all) for (const tag of tags) indexes.set(tag, indexes.get(tag) ?? indexes.size)
  const isPrivate = policy.scope === 'PRIVATE' || all.some(({ readViewer }) => readViewer)
  const common = { maxAge, scope: isPrivate ? 'PRIVATE' : 'PUBLIC', tags: [...indexes.keys()] } as const
  if (representations === undefined) return common

  const everyOne = whole.readViewer || policy.scope === 'PRIVATE'
  const own = representations.flatMap(({ readViewer }, index) => (readViewer || everyOne ? [index] : []))
  return {
    ...common,
    entities: representations.map(({ tags }) =>
      [...new Set([...whole.tags, ...tags])].map((tag) => indexes.get(tag)!),
    ),
    ...(isPrivate && { private: own }),
  }
}
