import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Logger } from './logger.ts'

/** True when the standard variables name a collector; without one, spans are made but not sent. */
export function hasCollector(env: NodeJS.ProcessEnv): boolean {
  if (env.OTEL_TRACES_EXPORTER === 'none') return false
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
}

/**
 * Sends spans by OTLP over HTTP (protobuf); endpoint, headers and time-outs come from the standard
 * `OTEL_EXPORTER_OTLP_*` variables.
 *
 * A collector that is down is one line in the log, and one more when it is back: spans are lost
 * meanwhile, requests are not slowed (batches are sent in the background from a bounded queue).
 */
export function createTraceExporter(logger: Logger): SpanExporter {
  return reportOnce(new OTLPTraceExporter(), logger)
}

/** Wraps an exporter: failures are logged on the first of a row, counted until it recovers, and not passed on. */
function reportOnce(exporter: SpanExporter, logger: Logger): SpanExporter {
  let lost = 0
  function report(result: ExportResult, spans: number): void {
    const failed = result.code !== ExportResultCode.SUCCESS
    if (failed && lost === 0) {
      logger.warn(
        { err: result.error },
        'traces can not be exported; further failures are not logged until it works again',
      )
    }
    if (!failed && lost > 0) logger.info({ lostSpans: lost }, 'traces are exported again')
    lost = failed ? lost + spans : 0
  }
  return {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
      exporter.export(spans, (result) => {
        report(result, spans.length)
        // Reported above: passed on, the SDK would log each failed batch again.
        done({ code: ExportResultCode.SUCCESS })
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}
