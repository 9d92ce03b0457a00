import { type DocumentNode, Kind, parse, type SelectionNode, type SelectionSetNode } from 'graphql'

/**
 * The response names that a failed fetch leaves empty, so that errors can point at them:
 * of `{ product { title } }` it is `product`; of an entity fetch
 * `{ _entities(...) { ... on Product { stats { views } } } }` it is `stats`.
 *
 * @param document the fetch as it was sent to the subgraph.
 */
export function lostFields(document: string): readonly string[] {
  const parsed = parse(document, { noLocation: true })
  const operation = parsed.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (operation === undefined) return []
  const roots = fieldsOf(operation.selectionSet, parsed)
  const first = roots[0]
  if (first?.name.value !== '_entities' || first.selectionSet === undefined) return names(roots)
  return names(fieldsOf(first.selectionSet, parsed))
}

function names(
  fields: readonly { name: { value: string }; alias?: { value: string } | undefined }[],
): string[] {
  const all = fields.map(({ name, alias }) => (alias ?? name).value)
  return [...new Set(all)].filter((name) => name !== '__typename')
}

function fieldsOf(set: SelectionSetNode, document: DocumentNode) {
  return set.selections.flatMap((selection) => fields(selection, document))
}

function fields(
  selection: SelectionNode,
  document: DocumentNode,
): readonly (SelectionNode & { kind: Kind.FIELD })[] {
  if (selection.kind === Kind.FIELD) return [selection]
  if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet, document)
  const fragment = document.definitions.find(
    (definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
  )
  return fragment !== undefined && 'selectionSet' in fragment ? fieldsOf(fragment.selectionSet, document) : []
}
