import { meter, SECONDS } from '@freshet/telemetry'
import type { Level, Outcome } from './subject.ts'

/** What the probe has found, as numbers. */
export interface Measures {
  checked(level: Level, delayMs: number, outcome: Outcome): void
  violated(level: Level, service: string): void
  measured(level: Level, stalenessMs: number): void
  /** Of changes: they were not looked at, for `old` they came too late, `unreadable` they could not be read. */
  skipped(reason: 'old' | 'unreadable'): void
  /** Too many checks were waiting. */
  dropped(level: Level): void
  /** By how many there are more (or fewer) checks waiting. */
  pending(change: number): void
}

const levels: readonly Level[] = ['field', 'gateway', 'answer']

/** @param services whose violations are exported from the start, as 0: an alert can't see a counter begin at 1 */
export function createMeasures(services: readonly string[]): Measures {
  const metrics = meter('@freshet/gateway')
  const checks = metrics.createCounter('freshet.probe.checks', {
    description: 'Looks at a cache level at each delay after an invalidation, by outcome',
  })
  const violations = metrics.createCounter('freshet.probe.violations', {
    description: 'Checks that found a level stale although the bound had passed',
  })
  const staleness = metrics.createHistogram('freshet.probe.staleness', {
    ...SECONDS,
    description: 'For how long a level was behind a change, at most',
  })
  const skipped = metrics.createCounter('freshet.probe.skipped', {
    description: 'Changes that were not looked at: too old, or unreadable',
  })
  const dropped = metrics.createCounter('freshet.probe.dropped', {
    description: 'Checks that were not made because too many were pending',
  })
  const pending = metrics.createUpDownCounter('freshet.probe.pending', {
    description: 'Checks that wait for their time',
  })
  pending.add(0)
  for (const level of levels) {
    dropped.add(0, { level })
    for (const service of services)
      if (level !== 'answer' || service === 'catalog') violations.add(0, { level, service })
  }
  return {
    checked: (level, delayMs, outcome) => checks.add(1, { level, delay: String(delayMs / 1000), outcome }),
    violated: (level, service) => violations.add(1, { level, service }),
    measured: (level, stalenessMs) => staleness.record(stalenessMs / 1000, { level }),
    skipped: (reason) => skipped.add(1, { reason }),
    dropped: (level) => dropped.add(1, { level }),
    pending: (change) => pending.add(change),
  }
}
