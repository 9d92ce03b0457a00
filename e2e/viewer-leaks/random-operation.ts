import fc, { type Arbitrary } from 'fast-check'
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'

/** What a field may be asked with, as it stands in a query: `{ 'Query.product': ['id: "UHJv"'] }`. */
export type ArgumentPool = Readonly<Record<string, readonly string[]>>

const DEEPEST = 4
const MOST_FIELDS = 4

/**
 * Queries that the schema allows, of any fields, some levels deep: what no test thought of.
 *
 * @throws Error for a required argument that the pool does not have: a new field is not forgotten
 */
export function randomQuery(schema: GraphQLSchema, pool: ArgumentPool): Arbitrary<string> {
  const selections = new Map<string, Arbitrary<string>>()

  function selection(type: GraphQLObjectType, depth: number): Arbitrary<string> {
    const name = `${type.name} ${depth}`
    const known = selections.get(name)
    if (known !== undefined) return known
    const fields = Object.values(type.getFields()).filter(
      (field) => depth < DEEPEST || isLeafType(getNamedType(field.type)),
    )
    const made =
      fields.length === 0
        ? fc.constant('{ __typename }')
        : fc
            .subarray(fields, { minLength: 1, maxLength: Math.min(MOST_FIELDS, fields.length) })
            .chain((chosen) => fc.tuple(...chosen.map((field) => asked(type, field, depth))))
            .map((parts) => `{ ${parts.join(' ')} }`)
    selections.set(name, made)
    return made
  }

  function asked(
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    depth: number,
  ): Arbitrary<string> {
    const given = pool[`${type.name}.${field.name}`]
    if (given === undefined && field.args.some(isRequiredArgument))
      throw new Error(`The pool has no ${type.name}.${field.name}`)
    const args = given === undefined ? fc.constant('') : fc.constantFrom(...given).map((text) => `(${text})`)
    const target = getNamedType(field.type)
    const below = isObjectType(target) ? selection(target, depth + 1) : fc.constant('')
    return fc.tuple(args, below).map(([text, inner]) => `${field.name}${text} ${inner}`.trim())
  }

  return selection(schema.getQueryType()!, 0)
}
