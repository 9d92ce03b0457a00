import { setTimeout as sleep } from 'node:timers/promises'
import { type Carried, highestCarried } from './carried.ts'
import type { Connection } from './connection.ts'
import { CacheUnavailableError } from './errors.ts'
import type { Fence } from './fence.ts'
import type { CacheMetrics } from './metrics.ts'
import type { CacheLogger } from './reports.ts'

/** Sends invalidations and does not forget those that Redis did not acknowledge. */
export interface Invalidator {
  /** @throws CacheUnavailableError when Redis did not acknowledge it in time; it is then repeated in the background */
  invalidate(tags: readonly string[], carried: Carried): Promise<string>
  /** True while an invalidation of this process waits for Redis: nothing may be served from the cache. */
  owes(): boolean
  /** Ends every entry. @throws what Redis answers */
  clear(): Promise<string>
  /** What was acknowledged so far may be missing in the Redis that has taken over: all of it is owed again. */
  oweAgain(): void
  close(): void
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 2_000
/** More than this is cheaper to settle by ending every entry. */
const MAX_OWED_TAGS = 10_000

/** `attemptMs` bounds one try, `attempts` how often a caller is made to wait for one. */
export function createInvalidator({
  fence,
  connection,
  attemptMs,
  attempts,
  retentionMs,
  onAcknowledged,
  metrics,
  logger,
}: {
  fence: Pick<Fence, 'invalidate' | 'beginLife'>
  connection: Pick<Connection, 'reign' | 'tell'>
  attemptMs: number
  attempts: number
  /** How long the longest-lived entry lives: asked each time, for policies are defined one by one. */
  retentionMs: () => number
  /** Before anyone is told; no tags: everything. */
  onAcknowledged: (life: string, sequence: string, tags: readonly string[]) => void
  metrics: CacheMetrics
  logger: CacheLogger
}): Invalidator {
  let owed = new Set<string>()
  let owedCarried: Carried = {}
  let owesEverything = false
  /** Since another Redis has taken over, or from the start. */
  let acknowledged = { tags: new Set<string>(), carried: {} as Carried, everything: false }
  let sending = false
  let repeating = false
  const stop = new AbortController()

  async function send(tags: readonly string[], carried: Carried): Promise<string> {
    const command = () => fence.invalidate(tags, carried, connection.reign(), retentionMs())
    const { life, sequence } = await connection.tell(command, attemptMs)
    for (const tag of tags) acknowledged.tags.add(tag)
    acknowledged.carried = highestCarried([acknowledged.carried, carried])
    if (acknowledged.tags.size > MAX_OWED_TAGS) {
      acknowledged.everything = true
      acknowledged.tags.clear()
    }
    onAcknowledged(life, sequence, tags)
    return sequence
  }

  async function clear(): Promise<string> {
    const command = () => fence.beginLife(connection.reign(), true)
    const { life, sequence } = await connection.tell(command, attemptMs)
    acknowledged.everything = true
    onAcknowledged(life, sequence, [])
    return sequence
  }

  async function invalidate(tags: readonly string[], carried: Carried): Promise<string> {
    let cause: unknown
    const began = performance.now()
    for (let attempt = 1; attempt <= attempts; attempt++) {
      try {
        const sequence = await send(tags, carried)
        metrics.invalidation('acknowledged')
        metrics.invalidationTook(performance.now() - began)
        return sequence
      } catch (error) {
        cause = error
        metrics.error('invalidate')
        // From the first failure on: a reader of this process must not see the old value while we try again.
        owe(tags, carried)
      }
      if (attempt < attempts) await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1))
    }
    metrics.invalidation('failed')
    throw new CacheUnavailableError(tags, { cause })
  }

  function owe(tags: Iterable<string>, carried: Carried): void {
    for (const tag of tags) owed.add(tag)
    owedCarried = highestCarried([owedCarried, carried])
    if (owed.size > MAX_OWED_TAGS) {
      owesEverything = true
      owed.clear()
    }
    if (owes() && !repeating) void repeat()
  }

  /** Until Redis has acknowledged all of it. Repeating an invalidation is harmless: it only gets a later sequence. */
  async function repeat(): Promise<void> {
    repeating = true
    for (
      let pauseMs = FIRST_PAUSE_MS;
      owes() && !stop.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      await sleep(pauseMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined)
      await settle()
    }
    repeating = false
  }

  async function settle(): Promise<void> {
    // Taken out before it is sent: a tag that is owed again while this is on its way belongs to a later write,
    // which this acknowledgement does not cover.
    const tags = [...owed]
    const carried = owedCarried
    const everything = owesEverything
    owed = new Set()
    owedCarried = {}
    owesEverything = false
    sending = true
    try {
      if (everything) await clear()
      else await send(tags, carried)
      metrics.invalidation('repeated')
      logger.info(
        { tags: tags.length, everything },
        'Redis acknowledged the invalidations that it had missed',
      )
    } catch {
      // Whoever asked was told by the error that began this; here it is counted, and tried again.
      metrics.error('invalidate')
      owesEverything ||= everything
      for (const tag of tags) owed.add(tag)
      owedCarried = highestCarried([owedCarried, carried])
    } finally {
      sending = false
    }
  }

  const owes = () => sending || owesEverything || owed.size > 0 || Object.keys(owedCarried).length > 0

  return {
    invalidate,
    clear,
    owes,
    oweAgain() {
      const { tags, carried, everything } = acknowledged
      acknowledged = { tags: new Set(), carried: {}, everything: false }
      owesEverything ||= everything
      owe(tags, carried)
    },
    close() {
      stop.abort()
      if (!owes()) return
      const advice =
        'Closed before Redis acknowledged these invalidations: the events in the outbox have to deliver them'
      logger.error({ tags: [...owed].slice(0, 100), count: owed.size, everything: owesEverything }, advice)
    },
  }
}
