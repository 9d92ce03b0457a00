import { randomBytes } from 'node:crypto'
import {
  AbandonedError,
  DatabaseUnavailableError,
  InvalidCursorError,
  StatementTimeoutError,
} from '@freshet/database'
import { traceId as activeTraceId, type Logger } from '@freshet/telemetry'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { argumentOf } from './error-argument.ts'

/** What a client may see of its errors; anything else is ours, and masked. */
const publicCodes = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
])
const aboutInput = new Set(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED'])

/**
 * The one place where errors are made fit for clients, as Apollo Server's `formatError`. Every error names the service
 * in `extensions.service`. Errors with a public code pass; an {@link InvalidCursorError} becomes `BAD_USER_INPUT`, a
 * {@link StatementTimeoutError} `TIMEOUT`, a {@link DatabaseUnavailableError} `UNAVAILABLE`, an {@link AbandonedError} `ABANDONED`;
 * the rest is logged with its stack and shown as `INTERNAL_SERVER_ERROR` with nothing but the trace to quote.
 */
export function createErrorFormat(service: string, logger: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const answer = (message: string, extensions: Record<string, unknown>): GraphQLFormattedError => ({
      ...formatted,
      message,
      extensions: { ...extensions, service },
    })
    const cause = causeOf(error)
    if (cause instanceof InvalidCursorError) {
      return answer(cause.message, { code: 'BAD_USER_INPUT', argument: cause.argument })
    }
    if (cause instanceof DatabaseUnavailableError) {
      // The database has said so in the log, once; here it would be a stack for each request.
      return answer(`${service} can't reach its database; try again later`, { code: 'UNAVAILABLE' })
    }
    // Counted where it was thrown; there is nobody to read this.
    if (cause instanceof AbandonedError) return answer(cause.message, { code: cause.code })
    const code = formatted.extensions?.code
    if (typeof code === 'string' && publicCodes.has(code)) {
      const named = formatted.extensions?.argument !== undefined || !aboutInput.has(code)
      const argument = named || !(error instanceof GraphQLError) ? undefined : argumentOf(error)
      return answer(formatted.message, { ...(argument && { argument }), ...formatted.extensions })
    }
    const traceId = activeTraceId() ?? randomBytes(16).toString('hex')
    const path = formatted.path?.join('.')
    if (cause instanceof StatementTimeoutError) {
      logger.warn({ err: cause, traceId, path }, 'a statement took too long')
      return answer(`This took too long in ${service}; try again`, { code: 'TIMEOUT', traceId })
    }
    logger.error({ err: cause, traceId, path }, 'a resolver failed')
    return answer(`Something went wrong in ${service}. Quote trace ${traceId} when you report it.`, {
      code: 'INTERNAL_SERVER_ERROR',
      traceId,
    })
  }
}

/** What a resolver threw, out of the GraphQLErrors that it was wrapped in. */
function causeOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
  return cause
}
