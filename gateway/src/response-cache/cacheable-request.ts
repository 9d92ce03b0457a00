import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { KnownOperation, KnownOperations } from './known-operations.ts'

/** A request whose answer may be one that is there already. */
export interface CacheableRequest {
  readonly operation: KnownOperation
  readonly variables: Readonly<Record<string, unknown>>
  /** How this client wants to read it. */
  readonly contentType: string
}

/** No input of ours is so deep; what is refused anyway needs no key, and making one would take the stack. */
const DEEPEST_VARIABLES = 30
const JSON_TYPE = 'application/json'
const GRAPHQL_TYPE = 'application/graphql-response+json'

/**
 * Reads off a request what the answer cache needs. Undefined of everything that only Apollo Server can tell about: mutations,
 * texts that it has not seen and gets by their hash, anything malformed, and what it refuses as forged by another site.
 *
 * @param given what is run if the answer is not there (request-parameters.ts), and nothing else
 */
export function cacheableRequest(
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  given: unknown,
  known: KnownOperations,
): CacheableRequest | undefined {
  if (mayBeForged(headers)) return undefined
  const parameters = method === 'GET' ? withParsedJson(given) : given
  if (!isRecord(parameters)) return undefined
  const { query: text, operationName, variables, extensions } = parameters
  if (text !== undefined && typeof text !== 'string') return undefined
  if (operationName != null && typeof operationName !== 'string') return undefined
  if (variables != null && (!isRecord(variables) || !hasKey(variables))) return undefined
  const hash = hashOf(extensions)
  // A text together with its hash is to be remembered; and of other extensions nothing is known here.
  if (extensions != null && (hash === undefined || text !== undefined)) return undefined
  const operation = known.find({ query: text, hash, operationName: operationName ?? undefined })
  if (operation === undefined) return undefined
  const contentType = contentTypeFor(headers.accept)
  return contentType === undefined ? undefined : { operation, variables: variables ?? {}, contentType }
}

/** As Apollo Server chooses; undefined where it refuses. */
function contentTypeFor(accept: string | undefined): string | undefined {
  const type =
    accept === undefined
      ? JSON_TYPE
      : new Negotiator({ headers: { accept } }).mediaType([JSON_TYPE, GRAPHQL_TYPE])
  return type && `${type}; charset=utf-8`
}

/** What a browser sends to other sites without asking them: Apollo Server's csrfPrevention refuses it. */
function mayBeForged(headers: FastifyRequest['headers']): boolean {
  const isJson = headers['content-type']?.trim().toLowerCase().startsWith(JSON_TYPE) === true
  return !isJson && !headers['x-apollo-operation-name'] && !headers['apollo-require-preflight']
}

/** A GET's parameters, of which two are JSON. */
function withParsedJson(search: unknown): unknown {
  if (!isRecord(search)) return undefined
  try {
    return { ...search, variables: parsed(search.variables), extensions: parsed(search.extensions) }
  } catch {
    return undefined
  }
}

const parsed = (text: unknown): unknown => (typeof text === 'string' ? JSON.parse(text) : text)

function hashOf(extensions: unknown): string | undefined {
  if (!isRecord(extensions) || Object.keys(extensions).length !== 1) return undefined
  const persisted = extensions.persistedQuery
  return isRecord(persisted) && persisted.version === 1 && typeof persisted.sha256Hash === 'string'
    ? persisted.sha256Hash
    : undefined
}

/** Whether a key can be made of it that nothing else has: 1e400 is Infinity, for which JSON has null. Looks no deeper than it must. */
function hasKey(value: unknown, levels = DEEPEST_VARIABLES): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => hasKey(inner, levels - 1))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
