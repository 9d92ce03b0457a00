import { recordError, traceCarrier } from '@freshet/telemetry'
import {
  type Attributes,
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api'
import type { IncomingMessage, OutgoingMessage } from './bus.ts'

const tracer = () => trace.getTracer('@freshet/events')

/** The active span's W3C traceparent; undefined when nothing is traced. */
export const activeTraceparent = (): string | undefined => traceCarrier().traceparent

/** The context that a message's or a row's traceparent stands for. */
export function contextOf(carrier: { traceparent?: string; tracestate?: string }): Context {
  return propagation.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter)
}

/** A message together with the context that caused it. */
export interface CausedMessage {
  readonly message: OutgoingMessage
  readonly cause: Context
}

/**
 * Sends messages, each within a producer span of its own below what caused it; the span's context goes into the
 * message's headers, so the consumer's span becomes its child.
 *
 * One send carries messages of many traces. That is why the spans are made here: the kafkajs instrumentation would
 * put all of them below the one active context, and overwrite the headers.
 */
export async function sendTraced(
  messages: readonly CausedMessage[],
  send: (messages: OutgoingMessage[]) => Promise<void>,
): Promise<void> {
  const spans: Span[] = []
  const outgoing = messages.map(({ message, cause }) => {
    const attributes = {
      ...messagingAttributes('send', message.topic),
      'messaging.kafka.message.key': message.key ?? undefined,
    }
    const span = tracer().startSpan(`send ${message.topic}`, { kind: SpanKind.PRODUCER, attributes }, cause)
    spans.push(span)
    const headers = { ...message.headers }
    propagation.inject(trace.setSpan(cause, span), headers, defaultTextMapSetter)
    return { ...message, headers }
  })
  try {
    await send(outgoing)
  } catch (error) {
    for (const span of spans) recordError(span, error)
    throw error
  } finally {
    for (const span of spans) span.end()
  }
}

/** Runs the effect of one message in a consumer span that is a child of the message's producer span. */
export async function processTraced<Result>(
  message: IncomingMessage,
  attributes: Attributes,
  effect: (span: Span) => Promise<Result>,
): Promise<Result> {
  const parent = contextOf(message.headers)
  return inSpan(parent, startProcess(message, attributes, parent), effect)
}

/**
 * Runs one effect for many messages: a span of its own, linked with every message's, in which the effect's SQL
 * shows; and for each message a span in the message's own trace, so that no trace ends at the topic.
 */
export async function processBatchTraced<Result>(
  messages: readonly IncomingMessage[],
  attributes: Attributes,
  effect: (span: Span) => Promise<Result>,
): Promise<Result> {
  const [first] = messages
  if (first && messages.length === 1) return processTraced(first, attributes, effect)
  const spans = messages.map((message) => startProcess(message, attributes, contextOf(message.headers)))
  const links: Link[] = spans.map((span) => ({ context: span.spanContext() }))
  const batch = tracer().startSpan(
    `process batch ${first?.topic}`,
    {
      kind: SpanKind.CONSUMER,
      links,
      attributes: {
        ...messagingAttributes('process', first?.topic ?? ''),
        ...attributes,
        'messaging.batch.message_count': messages.length,
      },
    },
    ROOT_CONTEXT,
  )
  for (const span of spans) span.addLink({ context: batch.spanContext() })
  try {
    return await inSpan(ROOT_CONTEXT, batch, effect)
  } catch (error) {
    for (const span of spans) recordError(span, error)
    throw error
  } finally {
    for (const span of spans) span.end()
  }
}

function startProcess(message: IncomingMessage, attributes: Attributes, parent: Context): Span {
  return tracer().startSpan(
    `process ${message.topic}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...messagingAttributes('process', message.topic),
        'messaging.destination.partition.id': String(message.partition),
        'messaging.kafka.offset': Number(message.offset),
        ...attributes,
      },
    },
    parent,
  )
}

async function inSpan<Result>(
  parent: Context,
  span: Span,
  effect: (span: Span) => Promise<Result>,
): Promise<Result> {
  try {
    return await context.with(trace.setSpan(parent, span), effect, undefined, span)
  } catch (error) {
    recordError(span, error)
    throw error
  } finally {
    span.end()
  }
}

const messagingAttributes = (operation: 'send' | 'process', topic: string): Attributes => ({
  'messaging.system': 'kafka',
  'messaging.operation.type': operation,
  'messaging.operation.name': operation,
  'messaging.destination.name': topic,
})
