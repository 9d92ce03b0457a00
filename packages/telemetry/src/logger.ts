import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type DestinationStream, type Level, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'
import { maskText, redact } from './redact.ts'

/** pino's logger: `logger.info({ productId }, 'price changed')`. */
export type Logger = PinoLogger

/** How {@link createLogger} writes. */
export interface LoggerOptions {
  /** The least severe level that is written; `info` unless told otherwise. */
  readonly level?: Level | 'silent'
  /** Where lines go; stdout unless told otherwise. Written synchronously, so that a crash loses none. */
  readonly destination?: DestinationStream
}

/**
 * A logger that writes one JSON object a line.
 *
 * Every line that is written inside a span carries its `trace_id` and `span_id`. Passwords, tokens,
 * cookies and authorization headers are replaced by `[redacted]` at any depth, and credentials
 * inside texts (a database's URL in an error's message) are masked.
 */
export function createLogger(name: string, { level = 'info', destination }: LoggerOptions = {}): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      // `err` is already a plain, redacted object when its serializer would run.
      serializers: { err: (error: unknown) => error },
      mixin: activeTrace,
      hooks: { streamWrite: maskText },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  )
}

function activeTrace(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext()
  return span === undefined || !isSpanContextValid(span)
    ? {}
    : { trace_id: span.traceId, span_id: span.spanId }
}
