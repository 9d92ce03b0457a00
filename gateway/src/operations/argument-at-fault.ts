import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql'

/** What is known of an error about a client's input. */
interface InputError {
  readonly message: string
  readonly nodes?: readonly ASTNode[] | undefined
  readonly locations?: readonly { line: number; column: number }[] | undefined
}

/**
 * Names the argument that an error about the text of an operation is about, as a path from the field's
 * argument inward: `sort`, `filter.minPrice`, `filter.tags[2]`; undefined where it is about none.
 *
 * graphql-js only gives places in the text, while a client wants to mark the form's field.
 *
 * @param document the document that the error's nodes or locations belong to.
 */
export function argumentAtFault(document: DocumentNode, error: InputError): string | undefined {
  // Where the argument, or a field inside of it, is missing, there is nothing in the text to point at.
  const missing = /argument "(\w+)" of type .* is required|^Field "\w+\.(\w+)" of required type/.exec(
    error.message.slice(0, LONGEST_READ),
  )
  const starts = error.nodes?.map((node) => node.loc?.start)
  for (const place of starts ?? error.locations ?? []) {
    const [path] = pathsWhere(document, ({ loc }) =>
      typeof place === 'number'
        ? loc?.start === place
        : place !== undefined &&
          loc?.startToken.line === place.line &&
          loc.startToken.column === place.column,
    )
    if (path !== undefined) return missing?.[2] === undefined ? path : `${path}.${missing[2]}`
  }
  return missing?.[1]
}

/** A message may quote a refused value, which may be long and say anything. */
const LONGEST_READ = 1_000

/**
 * Follows a variable to the argument that it is used in: with `products(filter: { range: $r })`, `r.from` is
 * `filter.range.from`. A variable that is used in several places stands for itself.
 *
 * @param path the variable's name, and the path inside of its value.
 */
export function argumentOfVariable(document: DocumentNode, path: string): string {
  const name = /^\w+/.exec(path)?.[0] ?? ''
  const uses = new Set(pathsWhere(document, (node) => isVariable(node, name)))
  const [only] = uses
  return uses.size === 1 && only !== undefined ? only + path.slice(name.length) : path
}

function isVariable(node: ASTNode, name: string): boolean {
  return node.kind === Kind.VARIABLE && node.name.value === name
}

/** The paths of all nodes inside arguments that `matches` accepts, in the order of the text. */
function pathsWhere(document: DocumentNode, matches: (node: ASTNode) => boolean): string[] {
  const found: string[] = []
  const path: string[] = []
  const last = (text: string): number => path.push(text)
  visit(document, {
    enter(node, key, parent) {
      if (node.kind === Kind.ARGUMENT) last(node.name.value)
      else if (node.kind === Kind.OBJECT_FIELD) last(`.${node.name.value}`)
      else if (Array.isArray(parent) && path.length > 0 && isValue(node)) last(`[${key}]`)
      if (path.length > 0 && matches(node)) found.push(path.join(''))
    },
    leave(node, _key, parent) {
      const pushed =
        node.kind === Kind.ARGUMENT ||
        node.kind === Kind.OBJECT_FIELD ||
        (Array.isArray(parent) && path.length > 0 && isValue(node))
      if (pushed) path.pop()
    },
  })
  return found
}

const VALUES = new Set<string>([
  Kind.VARIABLE,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
])

function isValue(node: ASTNode): boolean {
  return VALUES.has(node.kind)
}
