import type { GraphQLRequestContext } from '@apollo/server'
import type { GraphQLError } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { argumentAtFault, argumentOfVariable } from './argument-at-fault.ts'
import { variableFaults } from './variable-faults.ts'

/** Errors beyond these do not name their argument: each is looked for in the whole text, and it can be wrong in a hundred places. */
const MOST_NAMED = 20

/** Puts `extensions.argument` on every error that is about a client's input, where it can be told. */
export function nameArguments(
  request: Pick<GraphQLRequestContext<GatewayContext>, 'schema' | 'document' | 'operation' | 'request'>,
  errors: readonly GraphQLError[],
): void {
  const { document } = request
  if (document === undefined) return
  const faults = new Map<string, string[]>()
  const nextFault = (name: string) => {
    const known = faults.get(name) ?? faultsOf(request, name)
    faults.set(name, known)
    return known.shift()
  }
  for (const error of errors.slice(0, MOST_NAMED)) {
    if (error.extensions.argument !== undefined) continue
    const variable = VARIABLE.exec(error.message)
    const argument =
      variable?.[1] === undefined
        ? argumentAtFault(document, error)
        : argumentOfVariable(document, (variable[2] && nextFault(variable[1])) || variable[1])
    if (argument !== undefined) error.extensions.argument = argument
  }
}

/** graphql-js on values of variables; the second group tells a value that is wrong from one that is not there. */
const VARIABLE = /^Variable "\$(\w+)" (?:(got invalid value)|of (?:required|non-null) type)/

function faultsOf(
  {
    schema,
    operation,
    request,
  }: Pick<GraphQLRequestContext<GatewayContext>, 'schema' | 'operation' | 'request'>,
  name: string,
): string[] {
  return operation === undefined ? [] : variableFaults(schema, operation, request.variables ?? {}, name)
}
