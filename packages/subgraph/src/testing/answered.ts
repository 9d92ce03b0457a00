import { isDeepStrictEqual } from 'node:util'
import type { Viewer } from '@freshet/http'
import type { Subgraph } from '../create-subgraph.ts'
import type { AnswerFreshness } from '../dependencies/answer-freshness.ts'
import type { FieldQuery } from './field-queries.ts'

/** What outer caches would keep of an answer: all of it, or each representation. */
interface Part {
  readonly name: string
  readonly data: unknown
  /** Undefined: not to be kept. */
  readonly kept:
    | { readonly tags: readonly string[]; readonly isPrivate: boolean; readonly maxAge: number }
    | undefined
}

/** The answers to some queries, as outer caches see them. */
export type Answered = readonly Part[]

/** Asks each query in turn. @throws Error for an answer with errors: nothing would be compared */
export async function answersTo(
  subgraph: Pick<Subgraph, 'executeOperation'>,
  queries: readonly FieldQuery[],
  viewer: Viewer | null = null,
): Promise<Answered> {
  const parts: Part[] = []
  for (const { name, query, variables } of queries) {
    const { data, errors, extensions } = await subgraph.executeOperation({
      query,
      variables: variables && { ...variables },
      viewer,
    })
    if (errors) throw new Error(`${name}: ${JSON.stringify(errors)}\n${query}`)
    parts.push(...partsOf(name, data, extensions?.freshet))
  }
  return parts
}

function partsOf(name: string, data: Record<string, unknown>, freshet: AnswerFreshness | undefined): Part[] {
  const { maxAge, tags = [], scope, entities, private: privateOnes = [] } = freshet ?? {}
  const whole = maxAge === undefined ? undefined : { tags, maxAge, isPrivate: scope === 'PRIVATE' }
  if (!Array.isArray(data._entities)) return [{ name, data, kept: whole }]
  return data._entities.map((entity: unknown, index) => ({
    name: `${name} #${index}`,
    data: entity,
    kept: whole && {
      maxAge: whole.maxAge,
      tags: entities![index]!.map((tag) => tags[tag]!),
      isPrivate: privateOnes.includes(index),
    },
  }))
}

/** What differs between two times or viewers, by the names of the queries. */
export function changed(before: Answered, after: Answered): string[] {
  return before.flatMap(({ name, data }, index) =>
    isDeepStrictEqual(data, after[index]!.data) ? [] : [name],
  )
}

/**
 * What outer caches would go on to serve although a write has changed it: kept before, another now, and not one of its
 * tags was told. Empty, if the tags are complete.
 *
 * @param after asked with the service's own cache emptied: what it serves stale would hide a change
 * @param told every tag that the write told outer caches
 * @param untoldForSeconds an answer that is kept no longer than that need not be told of. Default 0
 */
export function missedChanges(
  before: Answered,
  after: Answered,
  told: Iterable<string>,
  untoldForSeconds = 0,
): string[] {
  const tags = new Set(told)
  return before.flatMap(({ name, data, kept }, index) => {
    if (kept === undefined || kept.maxAge <= untoldForSeconds || kept.tags.some((tag) => tags.has(tag)))
      return []
    const now = after[index]!.data
    if (isDeepStrictEqual(data, now)) return []
    return [
      `${name}: ${JSON.stringify(data)} is now ${JSON.stringify(now)}; it depends on ${kept.tags.join(', ')}`,
    ]
  })
}

/**
 * What outer caches would serve to one viewer although it is another's: kept as everybody's for at least one of the
 * viewers, and not the same for all. Empty, if nothing leaks.
 *
 * @param answers of the same queries, for each viewer
 */
export function leaks(answers: readonly Answered[]): string[] {
  const [first = [], ...others] = answers
  return first.flatMap(({ name }, index) => {
    const parts = [first, ...others].map((parts) => parts[index]!)
    const isShared = parts.some(({ kept }) => kept !== undefined && !kept.isPrivate)
    const differs = parts.some(({ data }) => !isDeepStrictEqual(data, parts[0]!.data))
    return isShared && differs
      ? [`${name}: ${parts.map(({ data }) => JSON.stringify(data)).join(' or ')}`]
      : []
  })
}
