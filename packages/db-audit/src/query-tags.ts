/** Who sent a statement, by its comment. */
export interface StatementTags {
  readonly service?: string
  readonly operation?: string
  readonly field?: string
  readonly traceId?: string
}

const tagList = /^(?:[\w-]+='[^']*',?)+$/
const pairs = /([\w-]+)='([^']*)'/g
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-/

/**
 * Takes a statement and its sqlcommenter comment apart.
 * @see https://google.github.io/sqlcommenter/spec/
 */
export function splitTags(text: string): { sql: string; tags: StatementTags } {
  const whole = text.trim()
  const end = (whole.endsWith(';') ? whole.slice(0, -1) : whole).trimEnd()
  // From the end, and with no pattern that looks for it at every space: a statement may be all spaces.
  const start = end.endsWith('*/') ? end.lastIndexOf('/*') : -1
  const inside = start < 0 ? '' : end.slice(start + 2, -2)
  if (!tagList.test(inside)) return { sql: whole, tags: {} }
  const values = new Map([...inside.matchAll(pairs)].map(([, key, value]) => [key!, decoded(value!)]))
  return {
    sql: end.slice(0, start).trim(),
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
