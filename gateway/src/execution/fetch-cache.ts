import { atLeastOf, type LoadContext } from '@freshet/cache'
import { annotateSpan } from '@freshet/telemetry'
import { LRUCache } from 'lru-cache'
import type { AnswerFreshness } from '../response-cache/answer-freshness.ts'
import { digest } from '../response-cache/digest.ts'
import type { GatewayCache, StoredFetch } from '../response-cache/gateway-cache.ts'
import { freshnessOf } from './fetch-freshness.ts'
import type { SubgraphAnswer } from './subgraph-answer.ts'

/** What a query plan sends to a subgraph. The name is the planner's: `ProductPage__catalog__0`. */
export interface Fetch {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

/**
 * Sends a fetch. `sequence`: the last one of the subgraph's domain that is known to have replaced something; a copy within
 * one of its processes that may be older must not answer. Undefined when nothing was replaced lately.
 */
export type SendFetch = (fetch: Fetch, sequence: string | undefined) => Promise<SubgraphAnswer>

/** For a fetch that no READ of our cache stands behind: what was replaced is not known. */
export const UNREAD: LoadContext = { carried: {}, unknown: true }

/** For whom a fetch is, and where to note what became of it. */
export interface FetchRequest {
  readonly service: string
  readonly audience: string
  readonly freshness: AnswerFreshness
}

/** Answers fetches from what equal ones were answered with, and asks the subgraph for the rest. */
export interface FetchCache {
  /** @throws whatever `send` throws, when nothing of the fetch could be answered */
  answer(fetch: Fetch, request: FetchRequest, send: SendFetch): Promise<SubgraphAnswer>
}

/** What was learned of all fetches with this text. Wrong guesses cost a second question, never a wrong answer. */
interface Shape {
  readonly id: string
  /** It read the viewer at least once: from then on each audience has entries of its own. */
  isPrivate: boolean
  /** The last answer could be stored. While it can't, Redis is not asked. */
  isStorable: boolean
}

const MOST_SHAPES = 5_000

/** @param parts.schemaId names the supergraph: what was planned for another one is another fetch. */
export function createFetchCache(parts: {
  cache: Pick<GatewayCache, 'fetches'>
  schemaId: string
}): FetchCache {
  const { cache, schemaId } = parts
  const shapes = new LRUCache<string, Shape>({ max: MOST_SHAPES })

  function shapeOf(service: string, { query }: Fetch): Shape {
    // Without the operation's name: pages that ask for the same share it.
    const text = query.replace(/^query \w+/, 'query')
    // By its digest: a text may have as many bytes as a request.
    const id = digest([schemaId, service, text])
    const known = shapes.get(id)
    if (known !== undefined) return known
    const shape = { id, isPrivate: false, isStorable: true }
    shapes.set(id, shape)
    return shape
  }

  return {
    async answer(fetch, request, send) {
      const shape = shapeOf(request.service, fetch)
      const parts = partsOf(fetch)
      const owner = shape.isPrivate ? request.audience : 'public'
      const keys = parts.values.map((value) => `${shape.id}:${owner}:${digest(value)}`)
      const valueByKey = new Map(keys.map((key, i) => [key, parts.values[i]]))
      const asked: Asked[] = []

      async function load(missing: readonly string[], context: LoadContext): Promise<StoredFetch[]> {
        const askedAt = Date.now()
        const part = parts.fetchOf(missing.map((key) => valueByKey.get(key)))
        try {
          const answer = await send(part, atLeastOf(context, request.service))
          asked.push({ keys: missing, answer })
          return storedParts(answer, missing.length, askedAt)
        } catch (error) {
          // What the cache has of the fetch is not lost with it.
          asked.push({ keys: missing, error })
          return missing.map(() => NOTHING)
        }
      }

      function storedParts(answer: SubgraphAnswer, count: number, askedAt: number): StoredFetch[] {
        const { whole, entities } = freshnessOf(answer, {
          ...request,
          askedAt,
          representations: parts.isEntities ? count : undefined,
        })
        if (answer.errors === undefined) {
          shape.isStorable = whole !== undefined
          shape.isPrivate ||= (entities ?? [whole]).some((part) => part != null && part.audience !== null)
        }
        const data = parts.isEntities ? answer.data?._entities : [answer.data]
        return Array.from({ length: count }, (_, i) => {
          const freshness = parts.isEntities ? entities?.[i] : whole
          const isMisplaced = freshness?.audience != null && owner === 'public'
          return {
            ...(freshness ?? UNKNOWN),
            data: Array.isArray(data) ? data[i] : null,
            reusable: freshness !== undefined && !isMisplaced,
          }
        })
      }

      const found = new Map<string, StoredFetch>()
      const distinct = [...valueByKey.keys()]
      if (shape.isStorable) {
        const stored = await cache.fetches.getMany(distinct, load)
        for (const [i, key] of distinct.entries()) found.set(key, stored[i] ?? NOTHING)
      }
      const own = new Set(asked.flatMap(({ keys }) => keys))
      // What another request was loading just now may be its viewer's alone, or nothing that a second one may use.
      const left = distinct.filter((key) => !own.has(key) && !mayUse(found.get(key), request.audience))
      if (left.length > 0) {
        const loaded = await load(left, UNREAD)
        for (const [i, key] of left.entries()) found.set(key, loaded[i]!)
      }
      note(request, [...found.values()], asked)
      return assemble({ keys, found, asked, isEntities: parts.isEntities })
    },
  }
}

type Asked = { readonly keys: readonly string[] } & (
  | { readonly answer: SubgraphAnswer; readonly error?: undefined }
  | { readonly answer?: undefined; readonly error: unknown }
)

const UNKNOWN = { expiresAt: 0, audience: null, tags: [] }
const NOTHING: StoredFetch = { ...UNKNOWN, data: null, reusable: false }

/** A fetch for entities falls into its representations; any other is one part. */
function partsOf(fetch: Fetch): {
  readonly isEntities: boolean
  readonly values: readonly unknown[]
  readonly fetchOf: (values: readonly unknown[]) => Fetch
} {
  const { representations, ...others } = fetch.variables ?? {}
  if (!Array.isArray(representations)) {
    return { isEntities: false, values: [others], fetchOf: () => fetch }
  }
  const all = representations as unknown[]
  return {
    isEntities: true,
    values: all.map((representation) => [others, representation]),
    fetchOf: (values) => ({
      ...fetch,
      variables: { ...others, representations: (values as [unknown, unknown][]).map(([, one]) => one) },
    }),
  }
}

/** The last door before another viewer's data: it holds whatever the keys were made of. */
function mayUse(stored: StoredFetch | undefined, audience: string): stored is StoredFetch {
  return stored?.reusable === true && (stored.audience === null || stored.audience === audience)
}

function note({ freshness }: FetchRequest, parts: readonly StoredFetch[], asked: readonly Asked[]): void {
  const misses = asked.reduce((sum, { keys }) => sum + keys.length, 0)
  freshness.fetches.misses += misses
  freshness.fetches.hits += parts.length - misses
  annotateSpan({ 'freshet.cache.hits': parts.length - misses, 'freshet.cache.misses': misses })
  for (const part of parts) {
    // Misplaced parts are known too, only not stored here: the whole answer has a key of its own.
    if (part.expiresAt > 0) freshness.dependOn(part)
    else freshness.forbid()
  }
}

function assemble(of: {
  keys: readonly string[]
  found: ReadonlyMap<string, StoredFetch>
  asked: readonly Asked[]
  isEntities: boolean
}): SubgraphAnswer {
  const { keys, found, asked, isEntities } = of
  const [only] = asked
  // The usual miss: all of it was asked for at once, and the answer is what it is.
  if (only !== undefined && asked.length === 1 && only.keys.length === keys.length) {
    if (only.answer === undefined) throw only.error
    return only.answer
  }
  const errors = asked.flatMap((one) => errorsOf(one, keys))
  const data = isEntities
    ? { _entities: keys.map((key) => found.get(key)?.data ?? null) }
    : (found.get(keys[0]!)?.data as Record<string, unknown> | null)
  return { data, ...(errors.length > 0 && { errors }) }
}

/** Their paths count what was asked for; the fetch counts all that it wanted. */
function errorsOf({ keys: askedKeys, answer, error }: Asked, keys: readonly string[]) {
  if (answer === undefined) {
    const { message, code } = error as { message: string; code?: unknown }
    return [{ message, extensions: { code } }]
  }
  return (answer.errors ?? []).flatMap((one) => {
    const [root, index, ...rest] = one.path ?? []
    if (root !== '_entities' || typeof index !== 'number') return [one]
    const key = askedKeys[index]
    return keys.flatMap((other, i) => (other === key ? [{ ...one, path: [root, i, ...rest] }] : []))
  })
}
