import { type Logger, traceId } from '@freshet/telemetry'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

/** Codes of errors that are made for clients, here or in Apollo Server. Any other error is masked. */
const FOR_CLIENTS = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_LIMIT_EXCEEDED',
  'PERSISTED_QUERY_NOT_FOUND',
  'SESSION_UNVERIFIED',
  'UNAUTHENTICATED',
])

/** What of an error's extensions reaches a client. */
const VISIBLE = ['code', 'argument', 'service', 'limit', 'maximum', 'at', 'traceId'] as const

/** The last step of every error on its way out: nothing but what is listed here passes. */
export function createErrorFormatter(logger: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const extensions = { ...formatted.extensions, ...own(error) }
    // Set by the executor on what a subgraph sent; the subgraph's data source has cleaned it already.
    const fromSubgraph = typeof extensions.serviceName === 'string' && typeof extensions.service === 'string'
    if (!fromSubgraph && !FOR_CLIENTS.has(String(extensions.code))) return mask(error, formatted, logger)
    const visible = Object.fromEntries(
      VISIBLE.flatMap((name) => (extensions[name] === undefined ? [] : [[name, extensions[name]]])),
    )
    const { locations } = formatted
    if (formatted.message.includes('Maximum call stack size exceeded')) return nestedTooDeeply
    return {
      message: shortened(formatted.message),
      ...(locations === undefined || fromSubgraph ? {} : { locations }),
      ...place(formatted.path, visible),
    }
  }
}

/** The parser is recursive, and speaks of its own stack. */
const nestedTooDeeply = {
  message: 'The operation is nested too deeply.',
  extensions: { code: 'OPERATION_LIMIT_EXCEEDED', limit: 'depth' },
}

/** graphql-js quotes a refused value in full: an answer must not be as large as the request. */
const LONGEST_MESSAGE = 1_000

function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)} …`
}

/** Apollo Server puts its own code over that of a validation rule's error; the rule's says more. */
function own(error: unknown): Record<string, unknown> {
  if (!(error instanceof GraphQLError) || !(error.originalError instanceof GraphQLError))
    return tooManyTokens(error)
  return error.originalError.extensions.code === 'OPERATION_LIMIT_EXCEEDED'
    ? error.originalError.extensions
    : tooManyTokens(error)
}

/** The parser's own limit speaks only by its message. */
function tooManyTokens(error: unknown): Record<string, unknown> {
  const maximum =
    error instanceof Error ? /contains more tha[nt] (\d+) tokens/.exec(error.message)?.[1] : undefined
  return maximum === undefined
    ? {}
    : { code: 'OPERATION_LIMIT_EXCEEDED', limit: 'tokens', maximum: Number(maximum) }
}

/**
 * A fetch for the entities of a list has failed for all of them: the executor's path has `@` where
 * the index would be, which is no response path. So the path ends at the list, and `at` has the rest.
 */
function place(path: GraphQLFormattedError['path'], extensions: Record<string, unknown>) {
  if (path === undefined) return { extensions }
  const list = path.indexOf('@')
  if (list === -1) return { path, extensions }
  return { path: path.slice(0, list), extensions: { ...extensions, at: path.join('.') } }
}

function mask(error: unknown, formatted: GraphQLFormattedError, logger: Logger): GraphQLFormattedError {
  const cause =
    error instanceof GraphQLError && error.originalError !== undefined ? error.originalError : error
  logger.error({ err: cause }, 'an unexpected error, masked for the client')
  const trace = traceId()
  return {
    message: 'Something went wrong in the gateway.',
    ...place(formatted.path, {
      code: 'INTERNAL_SERVER_ERROR',
      ...(trace === undefined ? {} : { traceId: trace }),
    }),
  }
}
