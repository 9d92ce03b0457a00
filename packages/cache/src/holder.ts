import type { Redis } from 'ioredis'
import type { RedisInfo } from './redis-info.ts'

/**
 * The Redis that holds a domain: the one that was given; the master that Sentinels watch over; in a cluster the master of
 * the domain's slot.
 */
export interface Holder {
  /** The connection to it. @throws as long as a cluster has not told who it is */
  readonly current: () => Redis
  /** Begins: connects, and tells `events` of it from now on. */
  watch(events: HolderEvents): void
  /**
   * Do others (the Sentinels, another node of the cluster) also say that `current()`, which told `info` of itself, is the master? One
   * that was paused, or is cut off from them, still believes so long after its replica has taken over.
   * @throws when nobody else answers
   */
  isConfirmed(info: RedisInfo): Promise<boolean>
  /** There is a hint that it is another one now: find out, by way of whoever knows (DNS, Sentinel, the cluster). May be called often. */
  readonly lookAgain: () => void
  /** It is silent: connect anew, in the same way. */
  reopen(): void
  /** Stops watching; closes what it opened, never what it was given. */
  close(): void
}

/** What a holder tells of its connection. */
export interface HolderEvents {
  readonly ready: () => void
  /** It closed, or leads to a replaced holder: nothing that is still answered on it counts. */
  readonly lost: () => void
  /** It could not be opened. */
  readonly failed: (error: unknown) => void
}
