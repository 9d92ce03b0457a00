import type { IncomingMessage } from 'node:http'
import { context } from '@opentelemetry/api'
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node'
import { isTracingSuppressed } from '@opentelemetry/core'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { redisStatement } from './redis-statement.ts'

/** Asked every few seconds by machines: traces of them would bury the others. */
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics'])

/** As @freshet/database appends them. */
const queryTags = / \/\*[^*]*\*\/$/

/** The others (dns, net, fs, ...) are noise here. OTEL_NODE_ENABLED_INSTRUMENTATIONS, if set, wins. */
const ENABLED = 'http,undici,pg,ioredis,kafkajs,graphql,runtime-node'

/**
 * What is traced. Everything that a loop calls on its own (the outbox relay's poll, a consumer's
 * heartbeat, a health check) has no parent span, and must not start a trace: hence `requireParent`
 * wherever a library offers it. The rest is the sampler's work: see sampler.ts.
 */
export function createInstrumentations(): Instrumentation[] {
  process.env.OTEL_NODE_ENABLED_INSTRUMENTATIONS ??= ENABLED
  return getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-http': {
      ignoreIncomingRequestHook: ({ url }: IncomingMessage) => PROBES.has(url?.split('?', 1)[0] ?? ''),
      requireParentforOutgoingSpans: true,
      // The exporter's own requests would count as the service's.
      ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()),
    },
    '@opentelemetry/instrumentation-undici': { requireParentforSpans: true },
    // Connecting shows in the pool's metrics; a span for each checkout would double the spans.
    '@opentelemetry/instrumentation-pg': {
      requireParentSpan: true,
      ignoreConnectSpans: true,
      // The comment names the trace that the span is in: with it no two spans would have the same statement.
      requestHook: (span, { query }) => {
        span.setAttribute('db.query.text', query.text.replace(queryTags, ''))
      },
    },
    '@opentelemetry/instrumentation-ioredis': {
      requireParentSpan: true,
      dbStatementSerializer: redisStatement,
    },
    // Without these two a page of 50 products makes a thousand spans of property reads.
    '@opentelemetry/instrumentation-graphql': { ignoreTrivialResolveSpans: true, mergeItems: true },
  })
}

/**
 * The modules that the loader hook wraps. Naming them keeps it from wrapping every other module of
 * the process, which costs start-up time.
 */
export const HOOKED_MODULES = ['pg', 'pg-pool', 'ioredis', 'kafkajs', 'graphql', 'http', 'https']
