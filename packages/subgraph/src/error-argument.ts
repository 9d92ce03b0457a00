import { type ArgumentNode, type GraphQLError, Kind, parse, visit } from 'graphql'

/**
 * Which argument or variable graphql-js complains about, where that can be told: `input.kind` for a variable's value,
 * `sort` or `filter.minPrice` for a value in the document.
 */
export function argumentOf(error: GraphQLError): string | undefined {
  return variablePath(error.message) ?? literalPath(error)
}

/** graphql-js: `Variable "$input" got invalid value "X" at "input.kind"; Value "X" does not exist in "Kind" enum.` */
function variablePath(message: string): string | undefined {
  const match = /^Variable "\$(\w+)" (?:got|has) invalid value .*?(?: at "(\1[.[][^"]+)")?; /s.exec(message)
  if (match) return match[2] ?? match[1]
  return /^Variable "\$(\w+)" of (?:required|non-null) type /.exec(message)?.[1]
}

/** The argument, and the input fields within it, around the place in the document. Parsed again: errors are rare. */
function literalPath(error: GraphQLError): string | undefined {
  const position = error.positions?.[0]
  if (!error.source || position === undefined) return undefined
  const path: string[] = []
  const around = ({ loc }: ArgumentNode) => loc && loc.start <= position && position < loc.end
  visit(parse(error.source.body), {
    enter(node) {
      const inside =
        (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) && around(node as ArgumentNode)
      if (inside) path.push(node.name.value)
    },
  })
  return path.length > 0 ? path.join('.') : undefined
}
