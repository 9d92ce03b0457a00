import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/** What a list without `first` or `last` is taken to hold. */
const USUAL_LIST = 10
/** A service refuses a larger page, and its error names the argument: that says more than this limit's. */
const LARGEST_PAGE = 100
/** What a page is taken to hold whose size neither the client nor the schema says. */
const USUAL_PAGE = 20

/**
 * How many objects an operation can ask for at most: page sizes multiply along a path. A fragment is
 * counted once for each kind of place it stands in, so nesting fragments costs no exponential time.
 */
export function countNodes(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const counted = new Map<string, number>()

  /** `paged`: the set is a connection's, so its own list is the page that was counted already. */
  function inSet(set: SelectionSetNode, type: string, paged: boolean): number {
    let nodes = 0
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) nodes += inField(selection, type, paged)
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        nodes += inSet(selection.selectionSet, selection.typeCondition?.name.value ?? type, paged)
      else nodes += inFragment(selection.name.value, paged)
    }
    return nodes
  }

  function inFragment(name: string, paged: boolean): number {
    const key = `${name} ${paged}`
    const known = counted.get(key)
    if (known !== undefined) return known
    counted.set(key, 0)
    const fragment = fragments.get(name)
    const nodes =
      fragment === undefined ? 0 : inSet(fragment.selectionSet, fragment.typeCondition.name.value, paged)
    counted.set(key, nodes)
    return nodes
  }

  function inField(node: FieldNode, parent: string, paged: boolean): number {
    if (node.selectionSet === undefined || node.name.value.startsWith('__')) return 0
    const type = schema.getType(parent)
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (field === undefined || !isCompositeType(getNamedType(field.type))) return 0
    const isList = isListType(getNullableType(field.type))
    const page = pageSize(field, node)
    const times = page ?? (isList && !paged ? USUAL_LIST : 1)
    const inside = inSet(node.selectionSet, getNamedType(field.type).name, page !== undefined && !isList)
    return times * (1 + inside)
  }

  function pageSize(field: GraphQLField<unknown, unknown>, node: FieldNode): number | undefined {
    const sizes = field.args.filter(({ name }) => name === 'first' || name === 'last')
    if (sizes.length === 0) return undefined
    const given = sizes.flatMap(({ name, defaultValue }) => {
      const value = node.arguments?.find((argument) => argument.name.value === name)?.value
      if (value?.kind === Kind.INT) return [Number(value.value)]
      const size = value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined
      return [size ?? defaultValue].filter((number) => typeof number === 'number')
    })
    // A negative size is the service's to refuse; it must not make up for other fields here.
    return given.length === 0 ? USUAL_PAGE : Math.min(LARGEST_PAGE, Math.max(1, ...given))
  }

  return inSet(operation.selectionSet, schema.getRootType(operation.operation)?.name ?? '', false)
}
