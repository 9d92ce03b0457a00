import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/** How large an operation may be. Tokens are limited by the parser, bytes before it. */
export interface OperationLimits {
  /** Fields inside fields. Introspection's are not counted: graphql-js has a rule of its own for it. */
  readonly depth: number
  /** Fields with an alias, each fragment counted as often as it is used. */
  readonly aliases: number
  /** Fields of the query or mutation itself: each may be a fetch of its own. */
  readonly rootFields: number
  /** Fields and fragments, each fragment counted as often as it is used: the planner writes them out. */
  readonly selections: number
}

/** Size of a selection set with all fragments written out. */
interface Size {
  readonly depth: number
  readonly aliases: number
  readonly fields: number
  readonly selections: number
}

const EMPTY: Size = { depth: 0, aliases: 0, fields: 0, selections: 0 }

/** A validation rule: refuses operations that are larger than any client of ours needs. */
export function limitRule(limits: OperationLimits) {
  return (context: ValidationContext): ASTVisitor => ({
    OperationDefinition(operation) {
      const size = measure(operation.selectionSet, context.getDocument())
      const over = (limit: keyof OperationLimits, actual: number, what: string) => {
        if (actual <= limits[limit]) return
        const maximum = limits[limit]
        context.reportError(
          new GraphQLError(`The operation ${what}; at most ${maximum} are allowed.`, {
            nodes: [operation],
            extensions: { code: 'OPERATION_LIMIT_EXCEEDED', limit, maximum },
          }),
        )
      }
      over('depth', size.depth, `is ${count(size.depth)} levels deep`)
      over('aliases', size.aliases, `has ${count(size.aliases)} aliases`)
      over('rootFields', size.fields, `has ${count(size.fields)} root fields`)
      over('selections', size.selections, `has ${count(size.selections)} selections, fragments written out`)
      return false
    },
  })
}

/** Fragments are measured once and multiplied: nested ones would otherwise take exponential time. */
function measure(whole: SelectionSetNode, document: DocumentNode): Size {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const measured = new Map<string, Size>()

  function sizeOf(set: SelectionSetNode): Size {
    let { depth, aliases, fields, selections } = EMPTY
    for (const selection of set.selections) {
      selections += 1
      if (selection.kind === Kind.FIELD) {
        const inside = selection.selectionSet === undefined ? EMPTY : sizeOf(selection.selectionSet)
        const levels = selection.name.value.startsWith('__') ? 0 : inside.depth
        depth = Math.max(depth, 1 + levels)
        aliases += inside.aliases + (selection.alias === undefined ? 0 : 1)
        fields += 1
        selections += inside.selections
        continue
      }
      const inside =
        selection.kind === Kind.INLINE_FRAGMENT
          ? sizeOf(selection.selectionSet)
          : sizeOfFragment(selection.name.value)
      depth = Math.max(depth, inside.depth)
      aliases += inside.aliases
      fields += inside.fields
      selections += inside.selections
    }
    return { depth, aliases, fields, selections }
  }

  function sizeOfFragment(name: string): Size {
    const known = measured.get(name)
    if (known !== undefined) return known
    // A fragment that contains itself is another rule's business; here it must only not run for ever.
    measured.set(name, EMPTY)
    const fragment = fragments.get(name)
    const size = fragment === undefined ? EMPTY : sizeOf(fragment.selectionSet)
    measured.set(name, size)
    return size
  }

  return sizeOf(whole)
}

function count(value: number): string {
  return value > 1_000_000 ? 'more than 1000000' : String(value)
}
