import { type Logger, traceId } from '@freshet/telemetry'
import { type DocumentNode, parse } from 'graphql'
import { argumentAtFault, argumentOfVariable } from '../operations/argument-at-fault.ts'

import type { DownstreamError } from './subgraph-answer.ts'

/** Codes by which a subgraph refuses the gateway's own request: nothing that a client could mend. */
const GATEWAYS_FAULT = new Set([
  'INTERNAL_SERVER_ERROR',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'SIGNATURE_INVALID',
])

/** An input error that only the subgraph can see: the gateway does not know what a scalar's text must look like. */
const SCALAR_REFUSED = /^Expected value of type|^Variable "\$\w+" got invalid value|cannot represent/

/**
 * Turns a subgraph's error into what a client may see: message, code, argument and service of an
 * error meant for clients; of any other only that something went wrong, the rest goes to the log.
 */
export function translateError(
  error: DownstreamError,
  from: { service: string; fetch: string; operation: DocumentNode | undefined; logger: Logger },
): DownstreamError {
  const { service, logger } = from
  const { code, argument, traceId: theirTrace } = error.extensions ?? {}
  const path = error.path === undefined || error.path === null ? {} : { path: error.path }
  if (code !== 'INTERNAL_SERVER_ERROR' && SCALAR_REFUSED.test(error.message)) {
    const name = argumentOf(error, from)
    const extensions = { code: 'BAD_USER_INPUT', service, ...(name === undefined ? {} : { argument: name }) }
    return { message: error.message, ...path, extensions }
  }
  if (typeof code === 'string' && !GATEWAYS_FAULT.has(code)) {
    const extensions = { code, service, ...(typeof argument === 'string' ? { argument } : {}) }
    return { message: error.message, ...path, extensions }
  }
  logger.error(
    { subgraph: service, error, fetch: from.fetch },
    'a subgraph answered with an unexpected error',
  )
  const trace = typeof theirTrace === 'string' ? theirTrace : traceId()
  return {
    message: `Something went wrong in the service "${service}".`,
    ...path,
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      service,
      ...(trace === undefined ? {} : { traceId: trace }),
    },
  }
}

/** The subgraph knows the variable; which argument it stands for is in the client's operation. */
function argumentOf(error: DownstreamError, from: { fetch: string; operation: DocumentNode | undefined }) {
  const named = error.extensions?.argument
  if (typeof named !== 'string') return argumentAtFault(parse(from.fetch), error)
  const isVariable = error.message.startsWith('Variable "$') && from.operation !== undefined
  return isVariable ? argumentOfVariable(from.operation as DocumentNode, named) : named
}
