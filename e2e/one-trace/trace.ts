import { randomBytes } from 'node:crypto'
import type { ReceivedSpan } from '@freshet/telemetry/otlp-receiver'
import { eventually } from '@freshet/testing'

/** A client's own trace: send `headers`, then read what the system added to it. */
export function createClientTrace(read: (traceId: string) => ReceivedSpan[]) {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  return {
    traceId,
    spanId,
    headers: { traceparent: `00-${traceId}-${spanId}-01` },
    /** The spans, as soon as `complete` does not throw for them. */
    waitFor: (complete: (spans: ReceivedSpan[]) => void): Promise<ReceivedSpan[]> =>
      eventually(
        async () => {
          const spans = read(traceId)
          complete(spans)
          return spans
        },
        { timeoutMs: 60_000 },
      ),
  }
}
