import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'

/** What of a request's parameters is looked at, before Apollo Server sees them. */
interface Parameters {
  readonly query?: unknown
  readonly extensions?: unknown
}

/**
 * Refuses requests that no operation can be made of. Apollo Server would refuse most of them too, but
 * later, or with an error that a program can't tell from another.
 *
 * @param parameters the POST body, or the GET request's search parameters.
 */
export function requestProblem(
  parameters: unknown,
  limits: { readonly queryBytes: number },
): GraphQLError | undefined {
  if (Array.isArray(parameters)) {
    return refuse(
      400,
      'BATCHING_NOT_SUPPORTED',
      'A request holds one operation. Send several requests; connections are kept alive.',
    )
  }
  if (typeof parameters !== 'object' || parameters === null) return undefined
  const { query, extensions } = parameters as Parameters
  if (typeof query === 'string' && !query.isWellFormed()) {
    // It has the hash of the text in which something else stands in its place.
    return refuse(
      400,
      'BAD_REQUEST',
      "The operation's text holds half of a surrogate pair; send it as UTF-8.",
    )
  }
  const bytes = typeof query === 'string' ? Buffer.byteLength(query) : 0
  if (bytes > limits.queryBytes) {
    const text = `The operation's text has ${bytes} bytes; at most ${limits.queryBytes} are allowed.`
    return refuse(413, 'OPERATION_LIMIT_EXCEEDED', text, { limit: 'bytes', maximum: limits.queryBytes })
  }
  const persisted = persistedQuery(extensions)
  if (persisted === undefined) return undefined
  if (typeof persisted !== 'object') {
    return refuse(400, 'BAD_REQUEST', '`extensions.persistedQuery` must be an object.')
  }
  if (persisted.version !== 1) {
    return refuse(400, 'BAD_REQUEST', '`extensions.persistedQuery.version` must be 1.')
  }
  if (typeof persisted.sha256Hash !== 'string' || !/^[0-9a-f]{64}$/.test(persisted.sha256Hash)) {
    return refuse(
      400,
      'BAD_REQUEST',
      '`extensions.persistedQuery.sha256Hash` must be a SHA-256 in lower-case hex.',
    )
  }
  if (
    typeof query === 'string' &&
    createHash('sha256').update(query).digest('hex') !== persisted.sha256Hash
  ) {
    const text = '`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`.'
    return refuse(400, 'PERSISTED_QUERY_HASH_MISMATCH', text)
  }
  return undefined
}

function persistedQuery(
  extensions: unknown,
): { version?: unknown; sha256Hash?: unknown } | 'malformed' | undefined {
  const value = typeof extensions === 'string' ? parsed(extensions) : extensions
  if (typeof value !== 'object' || value === null) return undefined
  const found = (value as { persistedQuery?: unknown }).persistedQuery
  if (found === undefined || found === null) return undefined
  return typeof found === 'object' && !Array.isArray(found) ? found : 'malformed'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Apollo Server answers that the parameter is not JSON.
    return undefined
  }
}

function refuse(
  status: number,
  code: string,
  message: string,
  extensions: Record<string, unknown> = {},
): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code, ...extensions, http: { status, headers: new Map() } },
  })
}
