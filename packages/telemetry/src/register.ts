/**
 * Starts traces and metrics. Load it before everything else, or libraries that are loaded earlier
 * stay untraced: `node --import @freshet/telemetry/register src/main.ts`.
 *
 * Reads the standard variables: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES,
 * OTEL_EXPORTER_OTLP_ENDPOINT (unset: spans are made, so that logs carry their ids and headers are
 * passed on, but none is exported), OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_SDK_DISABLED.
 */
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
} from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { NoopSpanProcessor } from '@opentelemetry/sdk-trace'
import { register } from 'import-in-the-middle/register-hooks.mjs'
import { createDiagLogger } from './diag-logger.ts'
import { createTraceExporter, hasCollector } from './exporter.ts'
import { createInstrumentations, HOOKED_MODULES } from './instrumentations.ts'
import { createLogger } from './logger.ts'
import { shutdownTelemetry } from './metrics.ts'
import { withUnitsInNames } from './prometheus-names.ts'
import { publicResource } from './public-resource.ts'
import { createSampler } from './sampler.ts'
import { setSdkState } from './sdk-state.ts'

// First of all: without this hook, CommonJS libraries that an ES module imports (ioredis, kafkajs)
// stay untraced, silently: no span, and no traceparent in Kafka's headers. In this thread: OpenTelemetry's own hook
// (@opentelemetry/instrumentation/hook.mjs) lives in another, and each of some thousand modules would go there and back.
register({ include: HOOKED_MODULES })

const logger = createLogger('telemetry')

diag.setLogger(createDiagLogger(logger), DiagLogLevel.WARN)

/** Collects on demand for GET /metrics of the service's own server; starts no server of its own. */
const prometheus = new PrometheusExporter({ preventServerStart: true })
const serializer = new PrometheusSerializer(undefined, false, undefined, false, true)

// Named, because the default detectors ask cloud metadata addresses at every start. Awaited (a
// file's read), because a span or metric that is made earlier would lack the host's id.
const detectors = [envDetector, hostDetector, osDetector, processDetector]
const resource = defaultResource().merge(detectResources({ detectors }))
await resource.waitForAsyncAttributes?.()

const sdk = new NodeSDK({
  resource,
  autoDetectResources: false,
  instrumentations: createInstrumentations(),
  sampler: createSampler(process.env),
  metricReaders: [prometheus],
  // Logs go to stdout; an empty list keeps the SDK from sending them to localhost:4318.
  logRecordProcessors: [],
  ...(hasCollector(process.env)
    ? { traceExporter: createTraceExporter(logger) }
    : { spanProcessors: [new NoopSpanProcessor()] }),
})
sdk.start()

setSdkState({
  async metricsText() {
    const { resourceMetrics, errors } = await prometheus.collect({ timeoutMillis: 5_000 })
    for (const error of errors) logger.warn({ err: error }, 'a metric could not be collected')
    const shown = { ...resourceMetrics, resource: publicResource(resourceMetrics.resource) }
    return serializer.serialize(withUnitsInNames(shown))
  },
  shutdown: () => sdk.shutdown(),
})

// For programs that just end (a migration, a seed): services call shutdownTelemetry themselves.
process.once('beforeExit', () => void shutdownTelemetry())
