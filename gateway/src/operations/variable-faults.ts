import {
  coerceInputValue,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'

/**
 * The paths of a variable's faults, in the order in which graphql-js reports them:
 * `['input.price.amount', 'input.tags[2]']`. Its messages name them too, but among quoted values that may say anything.
 */
export function variableFaults(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  name: string,
): string[] {
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)
  const type = definition && typeFromAST(schema, definition.type)
  if (!isInputType(type)) return []
  const faults: string[] = []
  coerceInputValue(variables[name], type, (path, _value, { message }) => {
    // A field that is missing, or does not exist, is reported at the object that should, or should not, have it.
    const field = /^Field "(\w+)" (?:of required type|is not defined)/.exec(message)?.[1]
    faults.push(printed([name, ...path, ...(field === undefined ? [] : [field])]))
  })
  return faults
}

function printed(path: readonly (string | number)[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('')
}
