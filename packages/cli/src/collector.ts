import { join } from 'node:path'
import { explain, type Layout } from '@freshet/local'
import { createTraceFile, startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'
import { complain } from './say.ts'

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
  const file = createTraceFile(traceFileOf(layout))
  let told = false
  const receiver = await startOtlpReceiver({
    // The file has them; nobody asks the receiver.
    maxSpans: 0,
    onSpans(spans) {
      try {
        file.append(spans)
      } catch (error) {
        // Traces are an extra: without room for them, all else goes on.
        if (!told) complain(`traces are not kept any more: ${explain(error)}`)
        told = true
      }
    },
  })
  return { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, close: receiver.close }
}
