import type { Connection } from '../connection.ts'
import { softExpiryOf, tagsIn } from '../entry-layout.ts'
import { fenceKeyOf, type Reading } from '../fence.ts'
import type { CacheMetrics } from '../metrics.ts'
import type { Reports } from '../reports.ts'
import { createL1Memory, type L1Entry, type L1Shelf } from './l1-memory.ts'
import { createSubscription } from './subscription.ts'

/** The level in this process: values, for as long as it is known that nothing has replaced them. */
export interface L1 {
  shelf(): L1Shelf
  /** May be used now. `now` of `performance.now()`. */
  isOpen(now: number, atLeast: string | undefined): boolean
  /** Only when it is open. */
  find(shelf: L1Shelf, key: string, now: number): L1Entry | undefined
  /** To be taken before the READ whose hits are put. */
  epoch(): number
  /** Keeps a hit, if it may; `reading` must have the time. `aheadMs`: forgets it so long before its TTL ends. */
  put(hit: L1Hit, reading: Reading, epoch: number): void
  /** This process's own invalidation was acknowledged. No tags: a life has begun. */
  invalidated(life: string, sequence: string, tags: readonly string[]): void
  close(): void
}

interface L1Hit {
  readonly shelf: L1Shelf
  readonly key: string
  readonly value: unknown
  readonly entry: Buffer
  /** Of the value's text. */
  readonly length: number
  /** How long before its TTL ends it is forgotten. */
  readonly aheadMs: number
}

/** Of one entry beside its text: the objects of this package, and a value of a few properties. */
const OVERHEAD_BYTES = 500
/** A decoded value takes about so much more than its text: rows twice as much, lists of ids four times, long texts once. */
const DECODED_FACTOR = 3

export function createL1({
  maxBytes,
  boundMs,
  domain,
  connection,
  owes,
  metrics,
  reports,
}: {
  maxBytes: number
  boundMs: number
  domain: string
  connection: Pick<Connection, 'trust' | 'openBeside'>
  /** An invalidation of this process is not acknowledged yet. */
  owes: () => boolean
  metrics: CacheMetrics
  reports: Reports
}): L1 {
  const memory = createL1Memory({ maxBytes, boundMs })
  const fenceKey = fenceKeyOf(domain)
  const subscription = createSubscription({ memory, connection, fenceKey, boundMs, metrics, reports })
  metrics.observeL1Bytes(memory.bytes)
  return {
    shelf: () => new Map(),
    isOpen(now, atLeast) {
      subscription.wake(now)
      if (!memory.serves(now, atLeast) || owes()) return false
      const trust = connection.trust()
      return trust !== undefined && trust === subscription.trust()
    },
    find: memory.find,
    epoch: memory.epoch,
    put({ entry, length, aheadMs, ...hit }, { life, stamp, nowMs }, epoch) {
      if (nowMs === null) return
      const expiresAt = performance.now() + (softExpiryOf(entry) - nowMs) - aheadMs
      const bytes = OVERHEAD_BYTES + DECODED_FACTOR * length
      memory.put({ ...hit, tags: tagsIn(entry), expiresAt, bytes, life, sequence: Number(stamp), epoch })
    },
    invalidated: (life, sequence, tags) => memory.acknowledge(life, Number(sequence), tags),
    close: subscription.close,
  }
}
