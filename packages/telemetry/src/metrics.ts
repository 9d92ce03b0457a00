import { type Meter, metrics } from '@opentelemetry/api'
import { sdkState } from './sdk-state.ts'

/**
 * The meter of a package: `meter('@freshet/cache').createCounter('freshet.cache.hits')`.
 *
 * Labels must be few and bounded: routes, names of policies or topics; never ids, keys or messages.
 * Without `register` the instruments exist and count nothing.
 */
export function meter(name: string): Meter {
  return metrics.getMeter(name)
}

/** The content type of {@link metricsText}. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Every metric of this process in Prometheus' text format; a comment if `register` was not loaded. */
export async function metricsText(): Promise<string> {
  return (await sdkState()?.metricsText()) ?? '# no metrics: started without @freshet/telemetry/register\n'
}

/** How long {@link shutdownTelemetry} waits for a collector before the process ends without it. */
const SHUTDOWN_TIMEOUT_MS = 2_000

/**
 * Exports what is still held, and stops telemetry. To be called last. Never throws and never takes
 * longer than two seconds: a collector that is down must not hold up a shutdown.
 */
export async function shutdownTelemetry(): Promise<void> {
  const state = sdkState()
  if (state === undefined) return
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, SHUTDOWN_TIMEOUT_MS)
  // A failed last export has been reported by the exporter already (see exporter.ts).
  await Promise.race([state.shutdown().catch(() => undefined), deadline.promise])
  clearTimeout(timer)
}
