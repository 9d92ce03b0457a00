import { type Meter, type MetricOptions, metrics } from '@opentelemetry/api'
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

/**
 * For histograms of durations in seconds: `createHistogram('freshet.x.duration', { ...SECONDS, description })`.
 * Without such boundaries OpenTelemetry takes some that are meant for milliseconds, and everything
 * falls into the first. These are from half a millisecond, a cached answer, to ten seconds.
 */
export const SECONDS: Readonly<MetricOptions> = {
  unit: 's',
  advice: {
    explicitBucketBoundaries: [
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ],
  },
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
export function shutdownTelemetry(): Promise<void> {
  // Once: a process that ends by itself calls it again in 'beforeExit'.
  shutdown ??= shutDown()
  return shutdown
}

let shutdown: Promise<void> | undefined

async function shutDown(): Promise<void> {
  const state = sdkState()
  if (state === undefined) return
  const deadline = Promise.withResolvers<void>()
  const timer = setTimeout(deadline.resolve, SHUTDOWN_TIMEOUT_MS)
  // A failed last export has been reported by the exporter already (see exporter.ts).
  await Promise.race([state.shutdown().catch(() => undefined), deadline.promise])
  clearTimeout(timer)
}
