import type { IncomingMessage } from 'node:http'
import { context } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { GraphQLInstrumentation } from '@opentelemetry/instrumentation-graphql'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { redisStatement } from './redis-statement.ts'

/** Asked every few seconds by machines: traces of them would bury the others. */
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics'])

/**
 * What is traced, by name. Everything that a loop calls on its own (the outbox relay's poll, a
 * consumer's heartbeat, a health check) has no parent span, and must not start a trace: hence
 * `requireParent` wherever a library offers it. The rest is the sampler's work: see sampler.ts.
 */
export function createInstrumentations(): Instrumentation[] {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url }: IncomingMessage) => PROBES.has(url?.split('?', 1)[0] ?? ''),
      requireParentforOutgoingSpans: true,
      // The exporter's own requests would count as the service's.
      ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()),
    }),
    new UndiciInstrumentation({ requireParentforSpans: true }),
    // Connecting shows in the pool's metrics; a span for each checkout would double the spans.
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    new IORedisInstrumentation({ requireParentSpan: true, dbStatementSerializer: redisStatement }),
    new KafkaJsInstrumentation(),
    // Without these two a page of 50 products makes a thousand spans of property reads.
    new GraphQLInstrumentation({ ignoreTrivialResolveSpans: true, mergeItems: true }),
    new RuntimeNodeInstrumentation(),
  ]
}

/**
 * The modules that the loader hook wraps. Naming them keeps it from wrapping every other module of
 * the process, which costs start-up time.
 */
export const HOOKED_MODULES = ['pg', 'pg-pool', 'ioredis', 'kafkajs', 'graphql', 'http', 'https']
