import { createVersionHistory } from '@freshet/testing'
import type { Records } from './messages.ts'

/** What a run of one subject found. */
export interface LibraryCounts {
  /** Values, each checked against what had been acknowledged when its read began. */
  reads: number
  /** Acknowledged ones. */
  writes: number
  lateWrites: number
  failedReads: number
  loads: number
  violations: number
  worstStalenessMs: number
}

/**
 * Judges what several processes tell, each in its own time.
 *
 * @param boundMs how stale a read may be without being a violation
 */
export function createLedger(boundMs = 0) {
  const history = createVersionHistory()
  const counts: LibraryCounts = {
    reads: 0,
    writes: 0,
    lateWrites: 0,
    failedReads: 0,
    loads: 0,
    violations: 0,
    worstStalenessMs: 0,
  }
  /** Until when each process has told everything. A dead one says no more: what it had not told is required of nobody. */
  const toldUntil = new Map<number, number>()
  let waiting: { reads: Float64Array; untilMs: number }[] = []

  function judge(reads: Float64Array): void {
    for (let i = 0; i < reads.length; i += 3) {
      counts.reads++
      const stale = history.staleness(String(reads[i]), reads[i + 2]!, reads[i + 1]!)
      if (stale === null) continue
      if (stale.staleMs > boundMs) counts.violations++
      counts.worstStalenessMs = Math.max(counts.worstStalenessMs, stale.staleMs)
    }
  }

  return {
    counts,
    take(process: number, records: Records): void {
      const { acknowledged, reads, untilMs } = records
      for (let i = 0; i < acknowledged.length; i += 3) {
        counts.writes++
        history.note(String(acknowledged[i]), acknowledged[i + 2]!, acknowledged[i + 1]!)
      }
      counts.loads += records.loads
      counts.failedReads += records.failedReads
      counts.lateWrites += records.lateWrites
      toldUntil.set(process, untilMs)
      waiting.push({ reads, untilMs })
      // A read that all have told of until its end can't be overtaken by news of an older write.
      const allTold = Math.min(...toldUntil.values())
      for (const one of waiting) if (one.untilMs <= allTold) judge(one.reads)
      waiting = waiting.filter((one) => one.untilMs > allTold)
    },
    /** No more will be told. */
    finish(): LibraryCounts {
      for (const { reads } of waiting) judge(reads)
      waiting = []
      return counts
    },
  }
}
