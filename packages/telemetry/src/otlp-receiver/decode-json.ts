import { safeInteger, serviceOf } from './decode-protobuf.ts'
import {
  type AttributeValue,
  type ReceivedAttributes,
  type ReceivedSpan,
  spanKinds,
  statusCodes,
} from './received-span.ts'

/** OTLP's JSON, as far as it is read. 64-bit integers are strings, ids are hex, enums are numbers. */
interface JsonValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string | number
  doubleValue?: number
  bytesValue?: string
  arrayValue?: { values?: JsonValue[] }
  kvlistValue?: { values?: JsonPair[] }
}
interface JsonPair {
  key: string
  value?: JsonValue
}
interface JsonSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind?: number
  startTimeUnixNano: string | number
  endTimeUnixNano: string | number
  attributes?: JsonPair[]
  events?: { name: string; attributes?: JsonPair[] }[]
  links?: { traceId: string; spanId: string }[]
  status?: { code?: number; message?: string }
}
interface JsonRequest {
  resourceSpans?: {
    resource?: { attributes?: JsonPair[] }
    scopeSpans?: { scope?: { name?: string }; spans?: JsonSpan[] }[]
  }[]
}

/**
 * Decodes an ExportTraceServiceRequest in JSON.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @throws a SyntaxError or TypeError when the text is not such a message.
 */
export function decodeJson(text: string): ReceivedSpan[] {
  const { resourceSpans = [] } = JSON.parse(text) as JsonRequest
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = serviceOf(attributesOf(resource?.attributes))
    return scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => decodeSpan(span, service, scope?.name ?? '')),
    )
  })
}

function decodeSpan(span: JsonSpan, service: string, scope: string): ReceivedSpan {
  return {
    traceId: span.traceId.toLowerCase(),
    spanId: span.spanId.toLowerCase(),
    parentSpanId: span.parentSpanId?.toLowerCase() || undefined,
    name: span.name,
    kind: spanKinds[span.kind ?? 0] ?? 'unspecified',
    service,
    scope,
    attributes: attributesOf(span.attributes),
    events: (span.events ?? []).map(({ name, attributes }) => ({
      name,
      attributes: attributesOf(attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    status: { code: statusCodes[span.status?.code ?? 0] ?? 'unset', message: span.status?.message ?? '' },
  }
}

function attributesOf(pairs: readonly JsonPair[] = []): ReceivedAttributes {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, anyValue(value)]))
}

function anyValue(value: JsonValue = {}): AttributeValue {
  if (value.intValue !== undefined) return safeInteger(BigInt(value.intValue))
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(anyValue)
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null
}
