import { setTimeout as pause } from 'node:timers/promises'
import { type Logger, untraced } from '@freshet/telemetry'
import { LRUCache } from 'lru-cache'
import type { Measures } from './measures.ts'
import type { Level, Look, Subject } from './subject.ts'

/** Looks at subjects when it is time to. */
export interface Watcher {
  /** Returns at once. Drops the subject, and counts it, when too many are pending. */
  watch(subject: Subject): void
  /** How many subjects wait for their last check. */
  pending(): number
  /** Checks that still wait are not made. */
  close(): Promise<void>
}

/** How often a stale level is looked at again, to measure for how long it is; and one that can't be asked. */
const LOOK_EVERY_MS = 20
const TRY_EVERY_MS = 200
/** A violation of the same thing is logged again after this. */
const QUIET_MS = 10 * 60_000

/**
 * Each subject is looked at as soon as it arrives, and again until it is clean or `boundMs` have passed: that is its staleness.
 * And at each of `delaysMs` after its arrival, for what was clean may become stale again: those are the checks, and one that
 * finds it stale at `boundMs` or later is a violation.
 */
export function createWatcher(options: {
  delaysMs: readonly number[]
  boundMs: number
  mostPending: number
  measures: Measures
  logger: Logger
}): Watcher {
  const { delaysMs, boundMs, mostPending, measures, logger } = options
  const closing = new AbortController()
  const watches = new Set<Promise<void>>()
  const told = new LRUCache<string, true>({ max: 10_000, ttl: QUIET_MS })
  const blind = new Set<Level>()

  async function look(subject: Subject): Promise<Look> {
    try {
      return await untraced(() => subject.look())
    } catch (error) {
      return { outcome: 'unknown', found: { err: error } }
    }
  }

  async function until(moment: number): Promise<boolean> {
    try {
      await pause(Math.max(0, moment - performance.now()), undefined, { signal: closing.signal })
      return true
    } catch {
      return false // Closing.
    }
  }

  async function watch(subject: Subject): Promise<void> {
    const arrivedAt = performance.now()
    let isMeasured = false
    function measure({ outcome, stalenessMs }: Look): void {
      if (isMeasured || outcome !== 'clean') return
      isMeasured = true
      if (stalenessMs !== undefined) measures.measured(subject.level, stalenessMs)
    }
    async function measureUntilClean(): Promise<void> {
      while (!isMeasured && performance.now() - arrivedAt < boundMs) {
        const seen = await look(subject)
        measure(seen)
        if (isMeasured) return
        const waitMs = seen.outcome === 'unknown' ? TRY_EVERY_MS : LOOK_EVERY_MS
        if (!(await until(performance.now() + waitMs))) return
      }
    }
    async function check(): Promise<void> {
      for (const delayMs of delaysMs) {
        if (!(await until(arrivedAt + delayMs))) return
        const seen = await look(subject)
        measure(seen)
        judge(subject, delayMs, seen)
        // It has been for so long, at least.
        if (delayMs === delaysMs.at(-1) && seen.outcome === 'stale' && !isMeasured)
          measures.measured(subject.level, performance.now() - arrivedAt)
      }
    }
    await Promise.all([measureUntilClean(), check()])
  }

  function judge(subject: Subject, delayMs: number, { outcome, found }: Look): void {
    const { level, service, tags, about } = subject
    measures.checked(level, delayMs, outcome)
    if (outcome === 'unknown') {
      if (!blind.has(level))
        logger.warn({ cacheLevel: level, service, ...found }, 'a level can not be looked at')
      blind.add(level)
    } else if (blind.delete(level)) logger.info({ cacheLevel: level }, 'a level can be looked at again')
    if (outcome !== 'stale' || delayMs < boundMs) return
    measures.violated(level, service)
    const shown = tags.slice(0, 20)
    const what = `${level} ${service} ${shown.join(' ')}`
    if (told.has(what)) return
    told.set(what, true)
    logger.error(
      { cacheLevel: level, service, tags: shown, delayMs, ...about, ...found },
      'a cache level is stale',
    )
  }

  return {
    watch(subject) {
      if (watches.size >= mostPending) return measures.dropped(subject.level)
      measures.pending(1)
      const watched = watch(subject).finally(() => {
        watches.delete(watched)
        measures.pending(-1)
      })
      watches.add(watched)
    },
    pending: () => watches.size,
    async close() {
      closing.abort()
      await Promise.all(watches)
    },
  }
}
