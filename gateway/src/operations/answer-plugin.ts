import type { ApolloServerPlugin, GraphQLRequestContext } from '@apollo/server'
import type { Logger } from '@freshet/telemetry'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { nameArguments } from './name-arguments.ts'
import { reported } from './request-report.ts'

/** What is added to answers on their way out, and read off them for the log and the metrics. */
export function answerPlugin(parts: {
  sessionsService: string
  logger: Logger
}): ApolloServerPlugin<GatewayContext> {
  const { sessionsService, logger } = parts
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ contextValue, operation, operationName, request }) {
          if (operation === undefined) throw unresolved(request.operationName)
          contextValue.report.operationType = operation.operation
          contextValue.report.operationName = operationName ?? undefined
        },
        async didEncounterErrors(request) {
          nameArguments(request, request.errors)
        },
        async willSendResponse(request) {
          const { body } = request.response
          if (body.kind !== 'single') return
          const result = body.singleResult
          const errors = [...(result.errors ?? [])]
          // A refused mutation has said so already.
          if (request.contextValue.sessionUnverified && !errors.some(isUnverified))
            errors.push(sessionUnverified(sessionsService))
          errors.push(...withoutReason(request, errors, logger))
          if (errors.length > 0) result.errors = bounded(errors)
          request.contextValue.report.errors.push(...(result.errors ?? []).map(reported))
          // Apollo Server takes every answer without data for the client's fault.
          if (result.data === undefined && errors.every(isInternal)) request.response.http.status = 500
        },
      }
    },
  }
}

/** With a gateway, Apollo Server leaves this to the gateway's executor, which takes it for its own failure. */
function unresolved(name: string | undefined): GraphQLError {
  const message =
    name === undefined
      ? 'The text holds several operations: say by `operationName` which one to run.'
      : `The text holds no operation named "${name}".`
  return new GraphQLError(message, {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400, headers: new Map() } },
  })
}

/** A list may have an error for each of thousands of elements: nobody reads more than some. */
const MOST_ERRORS = 50

function bounded(errors: GraphQLFormattedError[]): GraphQLFormattedError[] {
  if (errors.length <= MOST_ERRORS) return errors
  const left = errors.length - MOST_ERRORS
  return [
    ...errors.slice(0, MOST_ERRORS),
    { message: `There are ${left} more errors.`, extensions: { code: 'MORE_ERRORS' } },
  ]
}

function isUnverified({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.code === 'SESSION_UNVERIFIED'
}

function isInternal({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.code === 'INTERNAL_SERVER_ERROR'
}

function sessionUnverified(service: string): GraphQLFormattedError {
  return {
    message: `The session could not be checked: the service "${service}" could not say whose it is. This answer is what an anonymous viewer sees; try again soon.`,
    extensions: { code: 'SESSION_UNVERIFIED', service },
  }
}

/**
 * The executor reports a non-null field without a value beside the answer, not as an error. Mostly an
 * entity is gone that another service still refers to: its null says so. Only where that empties
 * the whole answer does a client need to be told that something is wrong.
 */
function withoutReason(
  request: GraphQLRequestContext<GatewayContext>,
  errors: readonly GraphQLFormattedError[],
  logger: Logger,
): GraphQLFormattedError[] {
  const { body } = request.response
  if (body?.kind !== 'single' || body.singleResult.extensions === undefined) return []
  const { valueCompletion, ...extensions } = body.singleResult.extensions as { valueCompletion?: unknown }
  if (valueCompletion === undefined) return []
  logger.debug({ valueCompletion }, 'a non-null field had no value')
  if (Object.keys(extensions).length > 0) body.singleResult.extensions = extensions
  else delete body.singleResult.extensions
  if (body.singleResult.data !== null || errors.length > 0) return []
  logger.error({ valueCompletion, operation: request.operationName }, 'a non-null root field had no value')
  return [
    { message: 'A value that must be there is missing.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ]
}
