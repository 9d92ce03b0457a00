import {
  type AttributeValue,
  type ReceivedAttributes,
  type ReceivedSpan,
  spanKinds,
  statusCodes,
} from './received-span.ts'
import { fields } from './wire.ts'

/**
 * Decodes an ExportTraceServiceRequest. Field numbers are those of opentelemetry-proto 1.x, which
 * promises not to change them.
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 * @throws {WireError} when the bytes are not such a message.
 */
export function decodeProtobuf(request: Buffer): ReceivedSpan[] {
  const spans: ReceivedSpan[] = []
  for (const resourceSpans of messages(request, 1)) {
    const resource = attributesOf(messages(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1)
    const service = serviceOf(resource)
    for (const scopeSpans of messages(resourceSpans, 2)) {
      const scope = textOf(messages(scopeSpans, 1)[0], 1)
      for (const span of messages(scopeSpans, 2)) spans.push(decodeSpan(span, service, scope))
    }
  }
  return spans
}

function decodeSpan(message: Buffer, service: string, scope: string): ReceivedSpan {
  const status = messages(message, 15)[0]
  return {
    traceId: hexOf(message, 1),
    spanId: hexOf(message, 2),
    parentSpanId: hexOf(message, 4) || undefined,
    name: textOf(message, 5),
    kind: spanKinds[Number(integerOf(message, 6))] ?? 'unspecified',
    service,
    scope,
    attributes: attributesOf(message, 9),
    events: messages(message, 11).map((event) => ({
      name: textOf(event, 2),
      attributes: attributesOf(event, 3),
    })),
    links: messages(message, 13).map((link) => ({ traceId: hexOf(link, 1), spanId: hexOf(link, 2) })),
    startNs: integerOf(message, 7),
    endNs: integerOf(message, 8),
    status: { code: statusCodes[Number(integerOf(status, 3))] ?? 'unset', message: textOf(status, 2) },
  }
}

function messages(message: Buffer, number: number): Buffer[] {
  return [...fields(message)].filter((field) => field.number === number).map(({ bytes }) => bytes)
}

function hexOf(message: Buffer, number: number): string {
  return messages(message, number)[0]?.toString('hex') ?? ''
}

function textOf(message: Buffer | undefined, number: number): string {
  return (message && messages(message, number)[0]?.toString('utf8')) ?? ''
}

function integerOf(message: Buffer | undefined, number: number): bigint {
  if (message === undefined) return 0n
  for (const field of fields(message)) if (field.number === number) return field.integer
  return 0n
}

/** The resource's `service.name`. */
export function serviceOf(resource: ReceivedAttributes): string {
  const name = resource['service.name']
  return typeof name === 'string' && name !== '' ? name : 'unknown'
}

/** Repeated KeyValue. */
function attributesOf(message: Buffer, number: number): ReceivedAttributes {
  return Object.fromEntries(
    messages(message, number).map((pair) => [textOf(pair, 1), anyValue(messages(pair, 2)[0])]),
  )
}

/** AnyValue: a oneof of which exactly one field is there. */
function anyValue(message: Buffer | undefined): AttributeValue {
  const [field] = message === undefined ? [] : fields(message)
  if (field === undefined) return null
  switch (field.number) {
    case 1:
      return field.bytes.toString('utf8')
    case 2:
      return field.integer !== 0n
    case 3:
      return safeInteger(BigInt.asIntN(64, field.integer))
    case 4:
      return doubleOf(field.integer)
    case 5:
      return messages(field.bytes, 1).map(anyValue)
    case 6:
      return attributesOf(field.bytes, 1)
    case 7:
      return field.bytes.toString('base64')
    default:
      return null
  }
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}

/** A number where it is exact, its digits where it is not. */
export function safeInteger(value: bigint): number | string {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : value.toString()
}
