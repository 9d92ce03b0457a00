import type { ReceivedSpan } from './received-span.ts'

/**
 * The span that a trace began with: the one without a parent, else one whose parent has not arrived (the client's own,
 * for instance), of several the earliest, and of those that began together the longest. Undefined without spans.
 */
export function rootSpan(spans: readonly ReceivedSpan[]): ReceivedSpan | undefined {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const candidates = [
    spans.filter(({ parentSpanId }) => parentSpanId === undefined),
    spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId)),
    spans,
  ].find((some) => some.length > 0)
  return candidates?.reduce((best, span) => (comesBefore(span, best) ? span : best))
}

function comesBefore(one: ReceivedSpan, other: ReceivedSpan): boolean {
  if (one.startNs !== other.startNs) return one.startNs < other.startNs
  return one.endNs > other.endNs
}

// A batch leaves a service after 5 s at the latest.
const slowestBatchMs = 6_000

/** Whether more of the trace is to be expected: spans are missing, and the youngest ended only just now. */
export function isStillArriving(spans: readonly ReceivedSpan[], now = Date.now()): boolean {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const root = rootSpan(spans)
  const incomplete = spans.some(
    (span) =>
      span.parentSpanId !== undefined &&
      !known.has(span.parentSpanId) &&
      // A server's parent is the client's own span, which is not sent here.
      !(span === root && span.kind === 'server'),
  )
  const youngest = Math.max(...spans.map(({ endNs }) => Number(endNs / 1_000_000n)))
  return incomplete && now - youngest < slowestBatchMs
}
