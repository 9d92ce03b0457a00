import { qualifiedTags, serviceTag } from '@freshet/cache/outer-tags'
import { isSequence } from '@freshet/events'
import type { Freshness } from '../response-cache/answer-freshness.ts'
import type { SubgraphAnswer } from './subgraph-answer.ts'

/** What a subgraph says of its own answer, read from `extensions.freshet` (see packages/subgraph). */
export interface FetchFreshness {
  /** Of the answer as a whole; undefined when it must not be stored. */
  readonly whole: Freshness | undefined
  /** Of each representation, where representations were asked for. */
  readonly entities: readonly Freshness[] | undefined
}

const NOT_STORED: FetchFreshness = { whole: undefined, entities: undefined }

/**
 * Nothing is taken on trust: an answer with an error, or whose extension is missing or has another shape, is not stored.
 *
 * @param askedAt Unix milliseconds before the fetch was sent: its age is counted from there.
 * @param representations how many were asked for; undefined for a root fetch.
 */
export function freshnessOf(
  answer: SubgraphAnswer,
  of: { service: string; audience: string; askedAt: number; representations: number | undefined },
): FetchFreshness {
  const { service, audience, askedAt, representations } = of
  const said = answer.extensions?.freshet
  if (answer.errors !== undefined || answer.data == null || !isRecord(said)) return NOT_STORED
  const { maxAge, scope, tags } = said
  if (typeof maxAge !== 'number' || !(maxAge > 0) || !isStrings(tags)) return NOT_STORED
  if (scope !== 'PUBLIC' && scope !== 'PRIVATE') return NOT_STORED
  const expiresAt = askedAt + maxAge * 1000
  const whole = {
    expiresAt,
    audience: scope === 'PRIVATE' ? audience : null,
    tags: [...qualifiedTags(service, tags), serviceTag(service)],
  }
  if (representations === undefined) return { whole, entities: undefined }
  const { entities, private: privateOnes = [] } = said
  if (!isIndexLists(entities, tags.length) || entities.length !== representations) return NOT_STORED
  // Without a word on which of them are private, all of a private answer are.
  const isPrivate = isIndexes(privateOnes, representations)
    ? new Set(scope === 'PRIVATE' && privateOnes.length === 0 ? entities.keys() : privateOnes)
    : new Set(entities.keys())
  return {
    whole,
    entities: entities.map((indexes, i) => ({
      expiresAt,
      audience: isPrivate.has(i) ? audience : null,
      tags: [...indexes.map((index) => whole.tags[index]!), serviceTag(service)],
    })),
  }
}

/** What a mutation's answer says of its write; undefined if nothing was written, or it does not say so. */
export function writeOf(
  answer: SubgraphAnswer,
): { tags: readonly string[]; sequence: string | null } | undefined {
  const said = answer.extensions?.freshet
  const invalidated = isRecord(said) ? said.invalidated : undefined
  if (!isRecord(invalidated) || !isStrings(invalidated.tags)) return undefined
  const { tags, sequence } = invalidated
  return { tags, sequence: typeof sequence === 'string' && isSequence(sequence) ? sequence : null }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isIndexes(value: unknown, below: number): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0 && item < below)
}

function isIndexLists(value: unknown, below: number): value is number[][] {
  return Array.isArray(value) && value.every((item) => isIndexes(item, below))
}
