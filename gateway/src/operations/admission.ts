import type { ApolloServerPlugin } from '@apollo/server'
import { type ASTVisitor, GraphQLError, getVariableValues, type ValidationContext } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { type Asked, countAsked } from './asked.ts'

/** graphql-js makes an error of every wrong element of a list, and each is formatted and sent: this many will do. */
const MOST_FAULTS = 20

/** A validation rule: graphql-js lets a root type that is missing pass, and its executor then takes it for its own failure. */
export function operationTypeRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (context.getSchema().getRootType(operation.operation)) return
      context.reportError(
        new GraphQLError(`There is no ${operation.operation} in this graph.`, { nodes: [operation] }),
      )
    },
  }
}

/** Refuses, before anything is planned or fetched, what must not run or would cost more to refuse later. */
export function admissionPlugin({
  sessionsService,
  most,
}: {
  sessionsService: string
  most: Asked
}): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ contextValue, document, operation, request, schema }) {
          if (operation === undefined) return
          // As a guest it would be refused for a wrong reason, or worse: done for nobody in particular.
          if (operation.operation === 'mutation' && contextValue.sessionUnverified)
            throw refusal(
              503,
              `The session could not be checked, so nothing was changed: the service "${sessionsService}" could not say whose it is. Send the same again in a moment.`,
              { code: 'SESSION_UNVERIFIED', service: sessionsService },
            )
          // @apollo/gateway coerces them once more: its executor does it in a private method, which no option or hook
          // skips. This pass is the one that is bounded; where it finds nothing, the other costs as much again.
          const { coerced, errors } = getVariableValues(
            schema,
            operation.variableDefinitions ?? [],
            request.variables ?? {},
            { maxErrors: MOST_FAULTS },
          )
          if (errors !== undefined && errors.length > MOST_FAULTS)
            throw refusal(
              400,
              `The variables have more than ${MOST_FAULTS} faults. ${errors[0]?.message ?? ''}`,
              {
                code: 'BAD_USER_INPUT',
              },
            )
          const asked = countAsked(schema, document, operation, coerced ?? request.variables ?? {})
          const over = (limit: keyof Asked, message: string) => {
            if (asked[limit] > most[limit])
              throw refusal(400, message, { code: 'OPERATION_LIMIT_EXCEEDED', limit, maximum: most[limit] })
          }
          over(
            'nodes',
            `The operation may ask for too many objects; at most ${most.nodes} are allowed. Ask for smaller pages.`,
          )
          over(
            'pages',
            `The operation may ask for the pages of too many lists; at most ${most.pages} are allowed. Ask for the lists of fewer objects.`,
          )
        },
      }
    },
  }
}

function refusal(status: number, message: string, extensions: Record<string, string | number>): GraphQLError {
  return new GraphQLError(message, { extensions: { ...extensions, http: { status, headers: new Map() } } })
}
