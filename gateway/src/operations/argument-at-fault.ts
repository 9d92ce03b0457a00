import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql'

/** What is known of an error about a client's input. */
interface InputError {
  readonly message: string
  readonly nodes?: readonly ASTNode[] | undefined
  readonly locations?: readonly { line: number; column: number }[] | undefined
}

/**
 * Names the argument that an error is about, as a path from the field's argument inward:
 * `sort`, `filter.minPrice`, `input.events[2].quantity`; undefined where it is about none.
 *
 * graphql-js only gives places in the text, or a variable's name, while a client wants to mark the
 * form's field. A variable is followed to the argument it is used in; used in several, it stands for itself.
 *
 * @param document the document that the error's nodes or locations belong to.
 */
export function argumentAtFault(document: DocumentNode, error: InputError): string | undefined {
  const variable = variablePath(error.message)
  if (variable !== undefined) {
    const uses = new Set(pathsWhere(document, (node) => isVariable(node, variable.name)))
    const [only] = uses
    return (uses.size === 1 && only !== undefined ? only : variable.name) + variable.inside
  }
  // Where the argument, or a field inside of it, is missing, there is nothing in the text to point at.
  const missing = /argument "(\w+)" of type .* is required|^Field "\w+\.(\w+)" of required type/.exec(
    error.message,
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

/** graphql-js: `Variable "$input" got invalid value "x" at "input.price.amount"; ...`, or without a place. */
function variablePath(message: string): { name: string; inside: string } | undefined {
  const name =
    /^Variable "\$(\w+)" (?:got invalid value|of (?:required|non-null) type|has invalid value)/.exec(
      message,
    )?.[1]
  if (name === undefined) return undefined
  const inside = new RegExp(`.* at "${name}([.[][^"]*)"; `, 's').exec(message)?.[1] ?? ''
  const missing = /; Field "(\w+)" of required type/.exec(message)?.[1]
  return { name, inside: missing === undefined ? inside : `${inside}.${missing}` }
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
