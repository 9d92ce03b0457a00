import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { type CacheHint, hintOfEntity, hintOfField } from './cache-hints.ts'

/** What the schema's `@cacheControl` says of an operation. */
export interface OperationPolicy {
  /** Seconds; 0: its answer must not be stored. */
  readonly maxAge: number
  readonly scope: 'PUBLIC' | 'PRIVATE'
}

/**
 * Reads `@cacheControl` for operations, by Apollo Server's rules with a default of 0: the lowest `maxAge` of all fields
 * counts; a root field, and a field whose type has fields of its own, has none unless it or its type says so (or says
 * `inheritMaxAge`); one PRIVATE field makes all of it PRIVATE; a representation has its type's.
 *
 * Told from the document, once for each: Apollo Server's own plugin is called for every field of every answer, which
 * doubles the work that a long list makes. So what the plugin would leave out (a field below a null, one that a variable
 * skips) counts here: never is more stored than by the plugin.
 */
export function createOperationPolicies(schema: GraphQLSchema) {
  const known = new WeakMap<OperationDefinitionNode, OperationPolicy>()
  return (document: DocumentNode, operation: OperationDefinitionNode): OperationPolicy => {
    const policy = known.get(operation) ?? policyOf(schema, document, operation)
    known.set(operation, policy)
    return policy
  }
}

function policyOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationPolicy {
  const roots: readonly unknown[] = [schema.getQueryType(), schema.getMutationType()]
  const typeInfo = new TypeInfo(schema)
  const entities = asksForEntities(operation) ? entityTypes(schema) : []
  let lowest = Number.POSITIVE_INFINITY
  let scope: OperationPolicy['scope'] = 'PUBLIC'

  function restrict(hint: CacheHint): void {
    lowest = Math.min(lowest, hint.maxAge ?? lowest)
    if (hint.scope === 'PRIVATE') scope = 'PRIVATE'
  }

  // Of a representation only that is known which a fragment asks of its type.
  function enterFragment({ typeCondition }: InlineFragmentNode | FragmentDefinitionNode): void {
    const entity = entities.find(({ name }) => name === typeCondition?.name.value)
    if (entity) restrict(hintOfEntity(entity))
  }

  const visitor = visitWithTypeInfo(typeInfo, {
    InlineFragment: enterFragment,
    FragmentDefinition: enterFragment,
    Field({ name: { value: name } }) {
      const parent = typeInfo.getParentType()
      if (name === '__typename' || !parent) return undefined
      if (name === '_entities' && roots.includes(parent)) return undefined
      if (name.startsWith('__')) {
        restrict({ maxAge: 0 })
        return false
      }
      for (const field of fieldsOf(schema, parent, name)) restrict(hintOfField(field, roots.includes(parent)))
      return undefined
    },
  })
  visit(operation, visitor)
  // Validation has seen to it that every fragment is used.
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, visitor)
  }
  return { maxAge: Number.isFinite(lowest) ? Math.max(0, lowest) : 0, scope }
}

function asksForEntities({ selectionSet }: OperationDefinitionNode): boolean {
  return selectionSet.selections.some((node) => node.kind === Kind.FIELD && node.name.value === '_entities')
}

function entityTypes(schema: GraphQLSchema) {
  const union = schema.getType('_Entity')
  return isUnionType(union) ? schema.getPossibleTypes(union) : []
}

/** Of an interface the fields of all types that may be meant: each may say something else. */
function fieldsOf(schema: GraphQLSchema, parent: GraphQLCompositeType, name: string) {
  const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]
  return types.flatMap((type) => type.getFields()[name] ?? [])
}
