import { quantileOf, type Sample, sumOf } from './samples.ts'

/** A violation, as the probe logs it. */
export interface LoggedViolation {
  readonly cacheLevel: string
  readonly service: string
  readonly tags: readonly string[]
  readonly delayMs: number
  readonly door?: string
  readonly trace_id?: string
}

const levels = ['field', 'gateway', 'answer']

/** How many violations there were. */
export const violationsIn = (samples: readonly Sample[]) => sumOf(samples, 'freshet_probe_violations_total')

/** What the probe has found so far, in one line. */
export function tellSamples(samples: readonly Sample[]): string {
  const checks = (outcome?: string) =>
    sumOf(samples, 'freshet_probe_checks_total', outcome === undefined ? {} : { outcome })
  const dropped = sumOf(samples, 'freshet_probe_dropped_total')
  const behind = levels.flatMap((level) => {
    const [p50, p99] = [0.5, 0.99].map((q) =>
      quantileOf(samples, 'freshet_probe_staleness_seconds', { level }, q),
    )
    return p50 == null || p99 == null ? [] : `${level} ${duration(p50)} / ${duration(p99)}`
  })
  return [
    `${checks()} checks`,
    ...(checks('unknown') > 0 ? [`${checks('unknown')} without an answer`] : []),
    ...(dropped > 0 ? [`${dropped} left out`] : []),
    ...(behind.length > 0 ? [`behind (p50 / p99): ${behind.join(', ')}`] : []),
    violationsIn(samples) === 0 ? 'no violations' : `${violationsIn(samples)} VIOLATIONS`,
  ].join('; ')
}

/** One violation, and how to go on from it. */
export function tellViolation(violation: LoggedViolation): string {
  const { cacheLevel, service, tags, delayMs, door, trace_id } = violation
  const where = door === undefined ? cacheLevel : `${cacheLevel} of ${door}`
  const next = trace_id === undefined ? '' : `; the change: freshet trace ${trace_id}`
  return `VIOLATION: ${where} is still without ${service}'s change of ${tags.join(', ')} after ${duration(delayMs / 1_000)}${next}`
}

const duration = (seconds: number) =>
  seconds < 1 ? `${Number((seconds * 1_000).toPrecision(2))} ms` : `${seconds.toFixed(1)} s`
