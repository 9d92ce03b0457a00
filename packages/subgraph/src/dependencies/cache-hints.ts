import {
  type DirectiveNode,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isCompositeType,
  Kind,
} from 'graphql'

/** What one `@cacheControl` says. */
export interface CacheHint {
  /** Seconds. */
  maxAge?: number
  scope?: 'PUBLIC' | 'PRIVATE'
  /** As scalars do: the field's parent decides. */
  inheritMaxAge?: boolean
}

/** Of a field in an answer: its own word counts before that of its type. */
export function hintOfField(field: GraphQLField<unknown, unknown>, isRoot: boolean): CacheHint {
  const type = getNamedType(field.type)
  const own = hintIn(field.astNode?.directives)
  const ofType = hintOfType(type)
  const inherits = !isRoot && (!isCompositeType(type) || ofType.inheritMaxAge || own.inheritMaxAge)
  return {
    maxAge: own.maxAge ?? ofType.maxAge ?? (inherits ? undefined : 0),
    scope: own.scope ?? ofType.scope,
  }
}

/** Of a representation, which nothing but its type can speak for. */
export function hintOfEntity(type: GraphQLNamedType): CacheHint {
  return { maxAge: 0, ...hintOfType(type) }
}

function hintOfType({ astNode, extensionASTNodes }: GraphQLNamedType): CacheHint {
  return hintIn([astNode, ...extensionASTNodes].flatMap((node) => node?.directives ?? []))
}

function hintIn(directives: readonly DirectiveNode[] = []): CacheHint {
  const directive = directives.find(({ name }) => name.value === 'cacheControl')
  const hint: CacheHint = {}
  for (const { name, value } of directive?.arguments ?? []) {
    if (name.value === 'maxAge' && value.kind === Kind.INT) hint.maxAge = Number(value.value)
    if (name.value === 'scope' && value.kind === Kind.ENUM) hint.scope = value.value as 'PUBLIC' | 'PRIVATE'
    if (name.value === 'inheritMaxAge' && value.kind === Kind.BOOLEAN) hint.inheritMaxAge = value.value
  }
  if (hint.inheritMaxAge) delete hint.maxAge
  return hint
}
