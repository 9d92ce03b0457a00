import { z } from 'zod'
import { crossCheck } from './load-config.ts'
import { sensitive } from './mask.ts'
import { httpUrl, milliseconds, wholeNumber } from './values.ts'

/** OpenTelemetry's own reading takes a value that it does not know for none, and says nothing. */
function oneOf(...names: readonly [string, ...string[]]) {
  return z.enum(names).describe(names.length === 1 ? names[0] : `one of ${names.join(', ')}`)
}

function listOf(...names: readonly [string, ...string[]]) {
  return z
    .string()
    .refine((text) => text.split(',').every((name) => names.includes(name.trim())), 'has an unknown entry')
    .describe(`some of ${names.join(', ')}, separated by commas`)
}

const pairs = () =>
  z
    .string()
    .refine(
      (text) => text.split(',').every((pair) => /^\s*[^=\s]+\s*=/.test(pair)),
      'has an entry that is not key=value',
    )
    .describe('key=value, several separated by commas')

const count = wholeNumber({ min: 1 })

/**
 * The standard variables of OpenTelemetry that @freshet/telemetry honours, all of them optional. Checked by who starts
 * the services: there, a mistake would only show as traces that never arrive.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const telemetryEnvironment = crossCheck(
  z.object({
    // Not a flag: `1` would be none of the two.
    OTEL_SDK_DISABLED: oneOf('true', 'false').optional(),
    OTEL_LOG_LEVEL: z
      .string()
      .refine((text) => /^(none|error|warn|info|debug|verbose|all)$/i.test(text), 'is unknown')
      .describe('one of none, error, warn, info, debug, verbose, all')
      .optional(),
    OTEL_RESOURCE_ATTRIBUTES: pairs().optional(),
    OTEL_PROPAGATORS: listOf('tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'none').optional(),
    OTEL_TRACES_SAMPLER: oneOf(
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ).optional(),
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .refine((text) => /^(\d+\.?\d*|\.\d+)$/.test(text) && Number(text) <= 1, 'is out of range')
      .describe('a number from 0 to 1')
      .optional(),
    OTEL_TRACES_EXPORTER: oneOf('otlp', 'none').optional(),
    OTEL_METRICS_EXPORTER: listOf('otlp', 'prometheus', 'console', 'none').optional(),
    OTEL_LOGS_EXPORTER: listOf('otlp', 'console', 'none').optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
    // Spans are sent in this one way; a collector's port for gRPC is another one.
    OTEL_EXPORTER_OTLP_PROTOCOL: oneOf('http/protobuf').optional(),
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf('http/protobuf').optional(),
    OTEL_EXPORTER_OTLP_COMPRESSION: oneOf('gzip', 'none').optional(),
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: oneOf('gzip', 'none').optional(),
    OTEL_EXPORTER_OTLP_HEADERS: sensitive(pairs()).optional(),
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: sensitive(pairs()).optional(),
    OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds.optional(),
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds.optional(),
    OTEL_BSP_SCHEDULE_DELAY: milliseconds.optional(),
    OTEL_BSP_EXPORT_TIMEOUT: milliseconds.optional(),
    OTEL_BSP_MAX_QUEUE_SIZE: count.optional(),
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count.optional(),
    OTEL_ATTRIBUTE_COUNT_LIMIT: count.optional(),
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: count.optional(),
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: count.optional(),
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: count.optional(),
    OTEL_SPAN_EVENT_COUNT_LIMIT: count.optional(),
    OTEL_SPAN_LINK_COUNT_LIMIT: count.optional(),
  }),
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'OTEL_BSP_MAX_QUEUE_SIZE'],
  (env) => (env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE ?? 512) <= (env.OTEL_BSP_MAX_QUEUE_SIZE ?? 2048),
  'is above OTEL_BSP_MAX_QUEUE_SIZE (2048 unless it is set)',
)
