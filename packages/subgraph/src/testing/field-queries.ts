import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'

/** One query that asks for one field. */
export interface FieldQuery {
  /** The way to the field: `Query.product Product.brand Brand.name`. */
  readonly name: string
  readonly query: string
  readonly variables?: { readonly representations: readonly object[] }
}

/** What a schema does not say of itself. */
export interface FieldQueryOptions {
  /**
   * The arguments of fields, as they stand in a query: `{ 'Query.product': ['id: "UHJv"'] }`. Several are asked one by one;
   * a field with a required argument must be here.
   */
  readonly args: Readonly<Record<string, readonly string[]>>
  /** The keys of each type of entities that the service resolves: `{ Product: [{ id: 'UHJv' }] }`. */
  readonly representations: Readonly<Record<string, readonly object[]>>
}

/** A field on its way, and how a selection below it is asked for. */
interface Step {
  readonly path: readonly string[]
  readonly type: GraphQLObjectType
  readonly ask: (selection: string) => string
  /** The last field on the way that has not the first of its sets of arguments: below it, all is asked for again. */
  readonly variant?: string
}

/**
 * For every field that an answer of the service can show, a query that asks for it alone: of every root field, and of
 * representations of every type. So that one field's tags or privacy can't hide behind another's. Below each of these
 * beginnings a field is asked for once, in the shortest way.
 *
 * @throws Error for a required argument, or a type of entities, that `options` does not have: a new one is not forgotten
 */
export function fieldQueries(schema: GraphQLSchema, options: FieldQueryOptions): FieldQuery[] {
  const { representations } = options
  const union = schema.getType('_Entity')
  const entities = isUnionType(union) ? union.getTypes() : []
  const query = schema.getQueryType()!
  const roots = Object.values(query.getFields()).filter(({ name }) => !name.startsWith('_'))
  return [
    ...roots.flatMap((field) =>
      selectionsOf(query, field, options).flatMap((selection) =>
        below({ path: [`Query.${field.name}`], field, ask: (inner) => `{ ${selection} ${inner} }` }, options),
      ),
    ),
    ...entities.flatMap((type) => {
      const keys = representations[type.name]
      if (keys === undefined) throw new Error(`representations has no ${type.name}`)
      const variables = { representations: keys.map((key) => ({ __typename: type.name, ...key })) }
      const ask = (selection: string) =>
        `query ($representations: [_Any!]!) {
          _entities(representations: $representations) { ... on ${type.name} ${selection} } }`
      return walk({ path: [`_entities.${type.name}`], type, ask }, options).map((one) => ({
        ...one,
        variables,
      }))
    }),
  ]
}

function below(
  { path, field, ask }: { path: string[]; field: GraphQLField<unknown, unknown>; ask: Step['ask'] },
  options: FieldQueryOptions,
): FieldQuery[] {
  const type = getNamedType(field.type)
  if (isObjectType(type)) return walk({ path, type, ask }, options)
  return [{ name: path.join(' '), query: ask('') }]
}

/** Breadth first, so that the way to each field is the shortest. */
function walk(start: Step, options: FieldQueryOptions): FieldQuery[] {
  const queries: FieldQuery[] = []
  const seen = new Set<string>()
  const steps = [start]
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    const { path, type, ask, variant = '' } = step
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`
      if (seen.has(`${variant} ${name}`)) continue
      seen.add(`${variant} ${name}`)
      const target = getNamedType(field.type)
      const way = [...path, name]
      for (const [index, selection] of selectionsOf(type, field, options).entries()) {
        if (isLeafType(target)) queries.push({ name: way.join(' '), query: ask(`{ ${selection} }`) })
        if (!isObjectType(target)) continue
        steps.push({
          path: way,
          type: target,
          ask: (inner) => ask(`{ ${selection} ${inner} }`),
          variant: index === 0 ? variant : selection,
        })
      }
    }
  }
  return queries
}

/** The field with each set of its arguments. */
function selectionsOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  { args }: FieldQueryOptions,
): string[] {
  const given = args[`${type.name}.${field.name}`]
  if (given !== undefined) return given.map((text) => (text === '' ? field.name : `${field.name}(${text})`))
  if (field.args.some(isRequiredArgument)) throw new Error(`args has no ${type.name}.${field.name}`)
  return [field.name]
}
