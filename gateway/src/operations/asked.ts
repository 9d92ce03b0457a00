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

/** What an operation can ask for at most. */
export interface Asked {
  readonly nodes: number
  /** Lists with a page size: each is searched for, sorted and counted by itself, however small its page. */
  readonly pages: number
}

const NOTHING: Asked = { nodes: 0, pages: 0 }
const sum = (a: Asked, b: Asked): Asked => ({ nodes: a.nodes + b.nodes, pages: a.pages + b.pages })

/**
 * How many objects and pages an operation can ask for at most: page sizes multiply along a path. A fragment is
 * counted once for each kind of place it stands in, so nesting fragments costs no exponential time.
 */
export function countAsked(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Asked {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const counted = new Map<string, Asked>()

  /** `paged`: the set is a connection's, so its own list is the page that was counted already. */
  function inSet(set: SelectionSetNode, type: string, paged: boolean): Asked {
    let asked = NOTHING
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) asked = sum(asked, inField(selection, type, paged))
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        asked = sum(asked, inSet(selection.selectionSet, selection.typeCondition?.name.value ?? type, paged))
      else asked = sum(asked, inFragment(selection.name.value, paged))
    }
    return asked
  }

  function inFragment(name: string, paged: boolean): Asked {
    const key = `${name} ${paged}`
    const known = counted.get(key)
    if (known !== undefined) return known
    counted.set(key, NOTHING)
    const fragment = fragments.get(name)
    const asked =
      fragment === undefined
        ? NOTHING
        : inSet(fragment.selectionSet, fragment.typeCondition.name.value, paged)
    counted.set(key, asked)
    return asked
  }

  function inField(node: FieldNode, parent: string, paged: boolean): Asked {
    if (node.selectionSet === undefined || node.name.value.startsWith('__')) return NOTHING
    const type = schema.getType(parent)
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (field === undefined || !isCompositeType(getNamedType(field.type))) return NOTHING
    const isList = isListType(getNullableType(field.type))
    const page = pageSize(field, node)
    const times = page ?? (isList && !paged ? USUAL_LIST : 1)
    const inside = inSet(node.selectionSet, getNamedType(field.type).name, page !== undefined && !isList)
    return { nodes: times * (1 + inside.nodes), pages: (page === undefined ? 0 : 1) + times * inside.pages }
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
