import { join } from 'node:path'
import type { Layout } from '@freshet/local'
import { createTraceFile, startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'

/** Where `npm start` keeps traces, and `freshet trace` reads them. */
export function traceFileOf(layout: Layout): string {
  return join(layout.folder, 'traces.jsonl')
}

/** A collector for a machine without one. */
export type Collector = {
  /** For the services: where to send spans. Empty if a collector was configured already. */
  env: NodeJS.ProcessEnv
  close: () => Promise<void>
}

/**
 * Receives the services' spans and keeps the latest 64 MiB of them in a file, so that a trace can be read without
 * Jaeger. Does nothing if OTEL_EXPORTER_OTLP_ENDPOINT names a collector.
 */
export async function startCollector(layout: Layout): Promise<Collector> {
  if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT || process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
    return { env: {}, close: async () => {} }
  const receiver = await startOtlpReceiver({
    // The file has them; nobody asks the receiver.
    maxSpans: 0,
    onSpans: createTraceFile(traceFileOf(layout)).append,
  })
  return { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, close: receiver.close }
}
