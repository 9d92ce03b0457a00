import { types } from 'node:util'
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { getRPCMetadata, suppressTracing } from '@opentelemetry/core'

/**
 * Where a trace goes on: W3C trace context, as it stands in HTTP or Kafka headers or in an outbox
 * row. Absent or malformed values mean "no trace", never an error.
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceCarrier {
  readonly traceparent?: HeaderValue
  readonly tracestate?: HeaderValue
}

type HeaderValue = string | Uint8Array | readonly (string | Uint8Array)[] | null | undefined

const spanKinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const

/** How {@link withSpan} makes its span. */
export interface SpanOptions {
  readonly kind?: keyof typeof spanKinds | SpanKind
  readonly attributes?: Attributes
  /** Other traces that this one has to do with, such as those of a batch's messages. */
  readonly links?: readonly TraceCarrier[]
  /**
   * The trace to continue, instead of the active one. A carrier without a valid `traceparent`
   * starts a new trace. Leave it out to be a child of the active span.
   */
  readonly parent?: TraceCarrier
}

/**
 * Runs `work` inside a new active span, which ends when the work has ended. An error is recorded on
 * the span and thrown on. Without `register` the work just runs.
 *
 * @param tracerName the package that makes the span, such as `@freshet/events`.
 * @param spanName low-cardinality: `publish catalog.product`, never an id.
 * @example
 * await withSpan('@freshet/events', 'handle', { kind: 'consumer', parent: message.headers }, () => handle(event))
 */
export async function withSpan<T>(
  tracerName: string,
  spanName: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T> | T,
): Promise<T> {
  const { kind = 'internal', attributes, links, parent } = options
  const spanOptions = {
    kind: typeof kind === 'string' ? spanKinds[kind] : kind,
    ...(attributes && { attributes }),
    ...(links && { links: links.flatMap(linkTo) }),
  }
  const startsFrom = parent === undefined ? context.active() : contextOf(parent)
  return trace.getTracer(tracerName).startActiveSpan(spanName, spanOptions, startsFrom, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      recordError(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

/** Marks a span as failed and keeps the error's message and stack on it. */
export function recordError(span: Span, error: unknown): void {
  const known = types.isNativeError(error) ? error : new Error(String(error))
  span.recordException(known)
  span.setStatus({ code: SpanStatusCode.ERROR, message: known.message })
  span.setAttribute('error.type', 'code' in known ? String(known.code) : known.name)
}

/** Says more of the active span; without one nothing happens. */
export function annotateSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes)
}

/** {@link recordError} on the active span: for an error that is answered, and not thrown on. */
export function failSpan(error: unknown): void {
  const span = trace.getActiveSpan()
  if (span !== undefined) recordError(span, error)
}

/** The active span's trace context, to be stored or sent along; empty outside of any span. */
export function traceCarrier(): { traceparent?: string; tracestate?: string } {
  const carrier: { traceparent?: string; tracestate?: string } = {}
  propagation.inject(context.active(), carrier)
  const { traceparent, tracestate } = carrier
  return { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) }
}

/** The id of the trace that is running, for error messages and support; undefined outside of any. */
export function traceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext()
  return span !== undefined && isSpanContextValid(span) ? span.traceId : undefined
}

/** The active span as a W3C `traceparent`, for what is written per statement; undefined where nobody will see the trace. */
export function sampledTraceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext()
  if (span === undefined || (span.traceFlags & TraceFlags.SAMPLED) === 0 || !isSpanContextValid(span))
    return undefined
  return `00-${span.traceId}-${span.spanId}-01`
}

/** Runs `work` without making any span, and without writing trace headers: for polls and probes. */
export function untraced<T>(work: () => T): T {
  return context.with(suppressTracing(context.active()), work)
}

/**
 * Tells the HTTP instrumentation which route is answering: it names the span `POST /graphql` and
 * labels the request's duration. To be called within the request.
 *
 * @param route the route's pattern (`/products/:id`), never the request's path.
 */
export function setHttpRoute(route: string): void {
  const metadata = getRPCMetadata(context.active())
  if (metadata !== undefined) metadata.route = route
}

function contextOf(carrier: TraceCarrier): Context {
  return propagation.extract(ROOT_CONTEXT, carrier, {
    keys: (from) => Object.keys(from),
    get: (from, key) => headerText(key === 'traceparent' || key === 'tracestate' ? from[key] : undefined),
  })
}

function linkTo(carrier: TraceCarrier) {
  const linked = trace.getSpanContext(contextOf(carrier))
  return linked === undefined ? [] : [{ context: linked }]
}

/** Kafka's headers are bytes, and a header may stand twice: the last one counts. */
function headerText(value: HeaderValue): string | undefined {
  const last = Array.isArray(value)
    ? (value as readonly (string | Uint8Array)[]).at(-1)
    : (value as string | Uint8Array | null | undefined)
  if (last === null || last === undefined) return undefined
  return typeof last === 'string' ? last : Buffer.from(last).toString('utf8')
}
