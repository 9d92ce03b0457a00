export { createLogger, type Logger, type LoggerOptions } from './logger.ts'
export { METRICS_CONTENT_TYPE, meter, metricsText, SECONDS, shutdownTelemetry } from './metrics.ts'
export { maskText } from './redact.ts'
export {
  annotateSpan,
  failSpan,
  recordError,
  type SpanOptions,
  sampledTraceparent,
  setHttpRoute,
  type TraceCarrier,
  traceCarrier,
  traceId,
  untraced,
  withSpan,
} from './tracing.ts'
