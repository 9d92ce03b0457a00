import { type Attributes, type Context, type Link, type SpanKind, trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

/**
 * The sampler that the standard variables ask for (`OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`),
 * less the traces that nobody asked for.
 *
 * kafkajs' instrumentation starts a trace of its own for each fetched batch, beside the traces that
 * the batch's messages belong to. Consumers continue those (see `withSpan`'s `parent`), so the
 * batch's own trace is dropped, and everything under it that does not continue another.
 */
export function createSampler(env: NodeJS.ProcessEnv): Sampler {
  const wanted = samplerOf(env.OTEL_TRACES_SAMPLER, env.OTEL_TRACES_SAMPLER_ARG)
  return {
    shouldSample(
      parent: Context,
      traceId: string,
      name: string,
      kind: SpanKind,
      attributes: Attributes,
      links: Link[],
    ): SamplingResult {
      const isRoot = trace.getSpanContext(parent) === undefined
      const isPoll = attributes['messaging.operation.type'] === 'receive' || name.startsWith('graphql.')
      if (isRoot && isPoll) return { decision: SamplingDecision.NOT_RECORD }
      return wanted.shouldSample(parent, traceId, name, kind, attributes, links)
    },
    toString: () => `WithoutPolls{${wanted.toString()}}`,
  }
}

function samplerOf(name = 'parentbased_always_on', argument = '1'): Sampler {
  const ratio = Number(argument)
  const rootSamplers: Record<string, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1),
  }
  const root = (rootSamplers[name.replace(/^parentbased_/, '')] ?? rootSamplers.always_on!)()
  return name.startsWith('parentbased_') || !(name in rootSamplers) ? new ParentBasedSampler({ root }) : root
}
