import type { AttributeValue, ReceivedSpan } from './received-span.ts'
import { rootSpan } from './root-span.ts'

/** Longer statements are cut: a tree has one line a span. */
const LONGEST_DETAIL = 110

/**
 * A trace as an indented tree, for a terminal: when each span began (ms after the first), how long
 * it took, in which service, its name, and what it did; above it how long the request itself took, and everything
 * that came of it. Spans whose parent has not arrived are
 * marked and stand at the top level. Spans of several traces are printed one trace after another.
 *
 * @example
 *    start  duration  service  span
 *      0.0     24.1   gateway  POST /graphql  200
 *      3.2     18.0   catalog    POST /graphql  200
 *      5.1      2.0   catalog      pg.query:SELECT freshet  select "id", ... from "products" ...
 */
export function formatTrace(spans: readonly ReceivedSpan[]): string {
  if (spans.length === 0) return '(no spans)'
  const byTrace = Map.groupBy(spans, ({ traceId }) => traceId)
  return [...byTrace].map(([traceId, ofTrace]) => formatOne(traceId, ofTrace)).join('\n\n')
}

function formatOne(traceId: string, spans: readonly ReceivedSpan[]): string {
  // Of spans that began together the longer one stands first: it holds the others.
  const sorted = [...spans].sort((a, b) => Number(a.startNs - b.startNs) || Number(b.endNs - a.endNs))
  const root = rootSpan(sorted)!
  const firstNs = sorted[0]!.startNs
  const tookNs = sorted
    .map(({ endNs }) => endNs - firstNs)
    .sort((a, b) => Number(a - b))
    .at(-1)!
  const services = new Set(sorted.map(({ service }) => service))
  const serviceWidth = Math.max('service'.length, ...[...services].map((service) => service.length))
  const known = new Set(sorted.map(({ spanId }) => spanId))
  const children = Map.groupBy(sorted, ({ parentSpanId }) => parentSpanId ?? '')
  const lines: string[] = []
  const printed = new Set<ReceivedSpan>()

  function print(span: ReceivedSpan, depth: number): void {
    // A sender may claim to be its own ancestor.
    if (printed.has(span)) return
    printed.add(span)
    // The root's parent is the client's own, which is not sent here.
    const isOrphan = span !== root && span.parentSpanId !== undefined && !known.has(span.parentSpanId)
    const columns = [
      milliseconds(span.startNs - firstNs).padStart(9),
      milliseconds(span.endNs - span.startNs).padStart(9),
      ` ${span.service.padEnd(serviceWidth)}`,
      `${'  '.repeat(depth)}${span.name}${isOrphan ? ' (parent missing)' : ''}`,
      ...details(span),
    ]
    lines.push(columns.join(' ').trimEnd())
    for (const child of children.get(span.spanId) ?? []) print(child, depth + 1)
  }

  print(root, 0)
  for (const span of sorted)
    if (span.parentSpanId === undefined || !known.has(span.parentSpanId)) print(span, 0)
  for (const span of sorted) print(span, 0)

  const failed = sorted.filter(({ status }) => status.code === 'error').length
  const title = [
    `trace ${traceId}:`,
    `${sorted.length} spans in ${services.size} ${services.size === 1 ? 'service' : 'services'},`,
    `request ${milliseconds(root.endNs - root.startNs)} ms, all of it ${milliseconds(tookNs)} ms${failed === 0 ? '' : `, ${failed} failed`}`,
  ].join(' ')
  return [
    title,
    `${'start'.padStart(9)} ${'duration'.padStart(9)}  ${'service'.padEnd(serviceWidth)} span`,
    ...lines,
  ].join('\n')
}

function milliseconds(ns: bigint): string {
  return (Number(ns) / 1e6).toFixed(1)
}

/** What a reader asks of a span of its sort; two blanks set it off from the name. */
function details({ attributes, status, links, name }: ReceivedSpan): string[] {
  const is = (key: string) => attributes[key] !== undefined
  const of = (...keys: string[]) => keys.map((key) => attributes[key]).find((value) => value !== undefined)
  const found: (AttributeValue | undefined)[] = [
    of('db.query.text', 'db.statement'),
    is('messaging.destination.name') && is('messaging.destination.partition.id')
      ? `partition ${text(of('messaging.destination.partition.id'))}${is('messaging.kafka.offset') ? ` offset ${text(of('messaging.kafka.offset'))}` : ''}`
      : undefined,
    // The route stands in the server span's name; a client span has only the URL.
    name.includes('/') ? undefined : of('http.route', 'url.full', 'url.path'),
    of('http.response.status_code', 'http.status_code'),
    of('graphql.operation.name'),
    links.length > 0
      ? `links ${links.length === 1 ? `trace ${links[0]!.traceId.slice(0, 8)}` : links.length}`
      : undefined,
    status.code === 'error' ? `ERROR ${status.message || text(of('error.type'))}` : undefined,
  ]
  return found.filter((value) => value !== undefined).map((value) => ` ${shorten(text(value))}`)
}

function text(value: AttributeValue | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '')
}

/** One line, without control characters: attributes are input, and a terminal obeys escape sequences. */
function shorten(value: string): string {
  const line = value.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line
}
