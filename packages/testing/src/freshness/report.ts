import { hitLevel } from './cache-status.ts'
import type { Behind, ReadAnswer, Violation, ViolationKind } from './judge.ts'
import { createReasons, type Reasons } from './reasons.ts'

/** Reads of one kind. */
export interface Tally {
  reads: number
  violations: number
  worstStalenessMs: number
}

/** A violation, and where it was met. */
export interface Example extends Violation {
  readonly shape: string
  readonly door: string
  readonly level: string
  /** Since the run began. */
  readonly atMs: number
}

/** What a run found. */
export interface FreshnessReport extends Tally {
  /** Acknowledged ones. */
  readonly writes: number
  /** Done, but by their own word not everywhere yet. */
  readonly lateWrites: number
  readonly refusedWrites: number
  /** Failed, timed out, cut off: they may have happened. */
  readonly unknownWrites: number
  readonly unknownWriteReasons: Reasons
  /** Answered with an error, or not at all. */
  readonly failedReads: number
  readonly failedReadReasons: Reasons
  readonly kinds: Readonly<Partial<Record<ViolationKind, number>>>
  readonly behind: Readonly<Behind>
  /** By shape, then by the level that answered (`uncached` without one). */
  readonly by: Readonly<Record<string, Readonly<Record<string, Tally>>>>
  readonly examples: readonly Example[]
  readonly faults: readonly { name: string; atMs: number; tookMs: number }[]
  /** How long it took, after everything had stopped, until every shape at every door had the newest version. */
  readonly settledMs: number
  /** What never had: this is old until its TTL ends. */
  readonly stuck: readonly string[]
}

const MOST_EXAMPLES = 10

/** Adds up what a run finds. */
export function createTallies() {
  const total: Tally = { reads: 0, violations: 0, worstStalenessMs: 0 }
  const by: Record<string, Record<string, Tally>> = {}
  const kinds: Partial<Record<ViolationKind, number>> = {}
  const examples: Example[] = []
  const reasons = createReasons()
  let failedReads = 0

  return {
    failed(error: unknown): void {
      failedReads++
      reasons.add(error)
    },
    answered(
      answer: ReadAnswer,
      violations: readonly Violation[],
      where: Omit<Example, keyof Violation | 'level'>,
    ) {
      const level = hitLevel(answer.cacheStatus)
      const levels = by[where.shape] ?? {}
      const one = levels[level] ?? { reads: 0, violations: 0, worstStalenessMs: 0 }
      by[where.shape] = levels
      levels[level] = one
      for (const tally of [total, one]) {
        tally.reads++
        if (violations.length > 0) tally.violations++
        tally.worstStalenessMs = Math.max(
          tally.worstStalenessMs,
          ...violations.map(({ staleMs = 0 }) => staleMs),
        )
      }
      for (const violation of violations) {
        kinds[violation.kind] = (kinds[violation.kind] ?? 0) + 1
        if (examples.length < MOST_EXAMPLES) examples.push({ ...violation, ...where, level })
      }
    },
    total: (): Readonly<Tally> => total,
    result: () => ({ ...total, kinds, by, examples, failedReads, failedReadReasons: reasons.result() }),
  }
}
