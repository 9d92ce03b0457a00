/** A span's place in the conversation; `unspecified` where the sender said none. */
export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKindName = (typeof spanKinds)[number]

/** How a span ended. */
export const statusCodes = ['unset', 'ok', 'error'] as const
export type StatusCodeName = (typeof statusCodes)[number]

/** What an attribute may hold, nested as the sender nested it. 64-bit integers beyond 2^53 are strings. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue }

/** Attributes by name. */
export type ReceivedAttributes = Record<string, AttributeValue>

/** A span as a collector sees it: ids in lower-case hex, times in Unix nanoseconds. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: SpanKindName
  /** The resource's `service.name`. */
  readonly service: string
  /** The name of the library that made the span. */
  readonly scope: string
  readonly attributes: ReceivedAttributes
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly events: readonly { readonly name: string; readonly attributes: ReceivedAttributes }[]
  readonly startNs: bigint
  readonly endNs: bigint
  readonly status: { readonly code: StatusCodeName; readonly message: string }
}
