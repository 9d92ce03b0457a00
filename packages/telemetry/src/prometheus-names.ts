import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'

/** OpenTelemetry's units (UCUM) in Prometheus' words. Annotations such as `{request}` have no word. */
const words: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  '%': 'percent',
}

/**
 * Appends the unit to each metric's name, as Prometheus' conventions and OpenTelemetry's dashboards
 * want it (`http_server_request_duration_seconds`); the serializer leaves it out.
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function withUnitsInNames(collected: ResourceMetrics): ResourceMetrics {
  return {
    ...collected,
    scopeMetrics: collected.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => {
        const { name, unit } = metric.descriptor
        const word = words[unit]
        if (word === undefined || name.endsWith(word)) return metric
        return { ...metric, descriptor: { ...metric.descriptor, name: `${name}.${word}` } }
      }),
    })),
  }
}
