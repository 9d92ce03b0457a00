/** Who sent a statement, by its comment. */
export interface StatementTags {
  readonly service?: string
  readonly operation?: string
  readonly field?: string
  readonly traceId?: string
}

const comment = /\s*\/\*((?:[\w-]+='[^']*',?)+)\*\/\s*;?\s*$/
const pairs = /([\w-]+)='([^']*)'/g
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-/

/**
 * Takes a statement and its sqlcommenter comment apart.
 * @see https://google.github.io/sqlcommenter/spec/
 */
export function splitTags(text: string): { sql: string; tags: StatementTags } {
  const found = comment.exec(text)
  if (found === null) return { sql: text.trim(), tags: {} }
  const values = new Map([...found[1]!.matchAll(pairs)].map(([, key, value]) => [key!, decoded(value!)]))
  return {
    sql: text.slice(0, found.index).trim(),
    tags: {
      service: values.get('service'),
      operation: values.get('operation'),
      field: values.get('field'),
      traceId: traceparent.exec(values.get('traceparent') ?? '')?.[1],
    },
  }
}

/** `catalog, ProductPage, Product.related`; who it is by its role where there is no comment. */
export function ownerOf(tags: StatementTags, role: string | null = null): string {
  const known = [tags.service ?? role, tags.operation, tags.field].filter((name) => name != null)
  return known.join(', ') || 'unknown'
}

/** Others may write comments, too: one that is not URL-encoded is shown as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
