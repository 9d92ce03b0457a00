const token = /"""(?:[^"]|"(?!""))*"""|"(?:[^"\\]|\\.)*"|#[^\n]*|\.\.\.|[A-Za-z_]\w*|[{}()[\]:@$]/g
const longest = 80

/**
 * A short name for an operation, from its text as a trace has it: its own name, else its root fields. The tracing
 * replaces values in it by stars, so that no parser would take it: this looks at names and brackets only.
 *
 * @example operationTitle('{ products(first: *) { title } me { id } }') // '{ products, me }'
 */
export function operationTitle(source: string): string | null {
  const tokens = (source.match(token) ?? []).filter((one) => !/^["#]/.test(one))
  const begin = operationStart(tokens)
  if (begin === null) return null
  const [kind, name] = tokens.slice(begin)
  if (kind !== '{' && name !== undefined && /^\w+$/.test(name)) return name
  const fields = rootFields(tokens.slice(begin))
  if (fields.length === 0) return null
  const selection = `{ ${fields.join(', ')} }`
  const title = kind === undefined || kind === '{' || kind === 'query' ? selection : `${kind} ${selection}`
  return title.length > longest ? `${title.slice(0, longest)}…` : title
}

// Past the fragments, where these stand first.
function operationStart(tokens: readonly string[]): number | null {
  let depth = 0
  let within = false
  for (const [at, one] of tokens.entries()) {
    if (depth === 0 && one === 'fragment') within = true
    else if (depth === 0 && !within) return at
    if (one === '{') depth++
    if (one === '}' && --depth === 0) within = false
  }
  return null
}

function rootFields(tokens: readonly string[]): string[] {
  const fields: string[] = []
  const open: string[] = []
  for (const [at, one] of tokens.entries()) {
    if (one === '{' || one === '(' || one === '[') open.push(one)
    else if (one === '}' || one === ')' || one === ']') {
      open.pop()
      if (open.length === 0 && one === '}') break
    } else if (open.length === 1 && open[0] === '{') {
      const before = tokens[at - 1]
      if (one === '...') fields.push(one)
      // An alias stands before a colon; a fragment's or directive's name is no field.
      else if (
        /^\w+$/.test(one) &&
        tokens[at + 1] !== ':' &&
        before !== '...' &&
        before !== '@' &&
        before !== 'on'
      )
        fields.push(one)
    }
  }
  return [...new Set(fields)]
}
