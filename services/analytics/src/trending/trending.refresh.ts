import { setTimeout as wait } from 'node:timers/promises'
import type { Cache } from '@freshet/cache'
import { asOperation } from '@freshet/database'
import { type Logger, meter, untraced } from '@freshet/telemetry'
import { CATEGORY_TOP_TAG, trendingTag } from './trending.cache.ts'
import type { TrendingList, TrendingRepository } from './trending.repository.ts'

/** How old a list may grow before it is recomputed, in a shop where that is quick. */
const INTERVALS_MS: Record<TrendingList, number> = {
  DAY: 5_000,
  WEEK: 60_000,
  MONTH: 60_000,
  CATEGORIES: 60_000,
}

/** In a shop where it takes long, it is done less often, and the age metric shows how often: a list takes a twentieth of the time at most. */
const LEAST_PAUSE = 19

/** Younger than this part of the pause, another process has recomputed it; the rest is for clocks that differ. */
const YOUNG = 0.9

/** How long who asks for metrics waits for the database. */
const PATIENCE_MS = 1_000

export interface TrendingRefresh {
  /** Recomputes every list now, then each at its interval. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Recomputes the lists and tells the caches. Safe to run in every process: whoever comes first does the work, once in each pause. */
export function createTrendingRefresh(options: {
  repository: TrendingRepository
  cache: Cache
  logger: Logger
}): TrendingRefresh {
  const { repository, cache, logger } = options
  const timers = new Map<TrendingList, NodeJS.Timeout>()
  const running = new Set<Promise<void>>()
  let closed = false

  /** Returns whether the list was recomputed here. */
  async function refresh(list: TrendingList, leastAgeMs: number): Promise<boolean> {
    // A trace every few seconds would bury the others; the age metric and the log tell of trouble.
    const { isRecomputed, isUntold } = await untraced(() => repository.refresh(list, new Date(), leastAgeMs))
    if (isUntold) {
      await cache.invalidate([list === 'CATEGORIES' ? CATEGORY_TOP_TAG : trendingTag(list)])
      await repository.markTold(list)
    }
    return isRecomputed
  }

  /**
   * Goes on after an error: the next turn does what this one left, and the staleness metric tells.
   * @param pauseMs between the last time that this process recomputed the list, and the next
   */
  function turn(list: TrendingList, pauseMs: number, leastAgeMs = YOUNG * pauseMs): Promise<void> {
    const beganMs = performance.now()
    let nextPauseMs = pauseMs
    const work = asOperation('refresh trending', () => refresh(list, leastAgeMs))
      .then((isRecomputed) => {
        if (isRecomputed)
          nextPauseMs = Math.max(INTERVALS_MS[list], LEAST_PAUSE * (performance.now() - beganMs))
      })
      .catch((error: unknown) => logger.error({ err: error, list }, 'a trending list could not be refreshed'))
      .finally(() => {
        running.delete(work)
        if (closed) return
        timers.set(
          list,
          setTimeout(() => void turn(list, nextPauseMs), nextPauseMs),
        )
      })
    running.add(work)
    return work
  }

  /** When each list was recomputed, by whichever process, as last heard. */
  const refreshedAtMs = new Map<string, number>()
  let reading: Promise<void> | undefined
  async function readAges(): Promise<void> {
    const now = new Date()
    for (const { name, seconds } of await repository.staleness(now))
      refreshedAtMs.set(name, now.getTime() - seconds * 1_000)
  }

  const gauge = meter('@freshet/analytics').createObservableGauge('freshet.analytics.refresh.age', {
    description: 'Seconds since a trending list was recomputed',
    unit: 's',
  })
  gauge.addCallback(async (result) => {
    if (closed) return
    reading ??= readAges().finally(() => {
      reading = undefined
    })
    // A database that does not answer makes nothing younger: ages go on from what was heard.
    await Promise.race([reading, wait(PATIENCE_MS, undefined, { ref: false })]).catch(() => {})
    for (const [list, atMs] of refreshedAtMs) result.observe((Date.now() - atMs) / 1_000, { list })
  })

  return {
    async start() {
      await Promise.all(
        (Object.keys(INTERVALS_MS) as TrendingList[]).map((list) => turn(list, INTERVALS_MS[list], 0)),
      )
    },
    async close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
