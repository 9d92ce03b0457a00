import { LRUCache } from 'lru-cache'

/** A value in this process, and what it takes to know whether it still holds. */
export interface L1Entry {
  readonly key: string
  readonly shelf: L1Shelf
  readonly value: unknown
  readonly tags: readonly string[]
  /** No invalidation of its tags up to this sequence is missing in it: that of the READ that found it. */
  readonly sequence: number
  /** On `performance.now()`. */
  readonly expiresAt: number
  /** How many deliveries it has been compared with. */
  compared: number
  touchedAt: number
}

/** The entries of one policy. */
export type L1Shelf = Map<string, L1Entry>

/** What a value has to bring to be kept. */
export interface L1Candidate extends Pick<L1Entry, 'key' | 'shelf' | 'value' | 'tags' | 'expiresAt'> {
  readonly bytes: number
  /** Of the READ that found it in Redis. */
  readonly life: string
  readonly sequence: number
  /** The memory's, when that READ was sent. */
  readonly epoch: number
}

/**
 * What this process keeps of one domain, and what it knows of the domain's invalidations. It knows nothing of connections:
 * it is told what was delivered, in the order of publication, and what was confirmed.
 *
 * *Why it is right.* All values come from READs that were sent after the subscription had begun (`epoch`), so every
 * invalidation that could have replaced one since was published to this process. If it was delivered before the value was
 * put here, `delivered` refuses the value; if after, the entry is compared with it before it is served again. What is not
 * delivered yet is younger than the last confirmation, and `servesUntil` bounds how old that may be.
 */
export interface L1Memory {
  /** Changes whenever everything is forgotten: what was asked for under another epoch is not kept. */
  readonly epoch: () => number
  /** True if values may be served now: nothing that was acknowledged more than the bound ago is unknown here. */
  readonly serves: (now: number, atLeast: string | undefined) => boolean
  /** Only after {@link L1Memory.serves}. */
  readonly find: (shelf: L1Shelf, key: string, now: number) => L1Entry | undefined
  /** Keeps it, unless something that was delivered so far has replaced it. */
  readonly put: (candidate: L1Candidate) => void
  /** This process's own invalidation was acknowledged; no tags: a life has begun. */
  readonly acknowledge: (life: string, sequence: number, tags: readonly string[]) => void
  /** The next of the published invalidations, with the sequence before it. False: see {@link L1Memory.confirm}. */
  readonly deliver: (life: string, previous: number, sequence: number, tags: readonly string[]) => boolean
  /**
   * All that was published before `askedAt` has been delivered, and the sequence was this one then; `life` null: the domain has
   * none. False when an invalidation up to that sequence was not delivered (a writer of an older version does not publish,
   * say): then all is forgotten, so that also such a one is noticed within the bound.
   */
  readonly confirm: (askedAt: number, life: string | null, sequence: number) => boolean
  /** Forgets everything, and serves nothing until it is confirmed anew. */
  readonly clear: () => void
  readonly bytes: () => number
}

/** More, and the oldest are forgotten: `floor` rises, and what was read before it is dropped. */
const MAX_DELIVERED_TAGS = 20_000
/** How exact the LRU order is. */
const TOUCH_EVERY_MS = 1_000

export function createL1Memory({ maxBytes, boundMs }: { maxBytes: number; boundMs: number }): L1Memory {
  const entries = new LRUCache<L1Entry, L1Entry>({
    maxSize: maxBytes,
    dispose: (entry) => {
      if (entry.shelf.get(entry.key) === entry) entry.shelf.delete(entry.key)
    },
  })
  /** The last sequence of each tag that was invalidated lately, in the order of delivery. */
  const delivered = new Map<string, number>()
  let deliveries = 0
  let floor = 0
  let life: string | undefined
  let confirmed = 0
  let servesUntil = 0
  let epoch = 0

  function clear(): void {
    entries.clear()
    delivered.clear()
    floor = 0
    life = undefined
    confirmed = 0
    servesUntil = 0
    epoch++
  }

  function isReplaced(tags: readonly string[], sequence: number): boolean {
    if (sequence < floor) return true
    for (const tag of tags) {
      const last = delivered.get(tag)
      if (last !== undefined && last > sequence) return true
    }
    return false
  }

  function remember(tag: string, sequence: number): void {
    const last = delivered.get(tag)
    if (last !== undefined && last >= sequence) return
    // Deleted first, so that the order of the map is that of the last delivery.
    delivered.delete(tag)
    delivered.set(tag, sequence)
    if (delivered.size <= MAX_DELIVERED_TAGS) return
    for (const [oldest, forgotten] of delivered) {
      delivered.delete(oldest)
      floor = Math.max(floor, forgotten)
      break
    }
  }

  return {
    epoch: () => epoch,
    serves: (now, atLeast) => now < servesUntil && (atLeast === undefined || Number(atLeast) <= confirmed),

    find(shelf, key, now) {
      const entry = shelf.get(key)
      if (!entry) return undefined
      if (entry.compared !== deliveries) {
        if (isReplaced(entry.tags, entry.sequence)) {
          entries.delete(entry)
          return undefined
        }
        entry.compared = deliveries
      }
      if (entry.expiresAt <= now) {
        entries.delete(entry)
        return undefined
      }
      if (now - entry.touchedAt > TOUCH_EVERY_MS) {
        entry.touchedAt = now
        entries.get(entry)
      }
      return entry
    },

    put({ bytes, life: itsLife, epoch: itsEpoch, ...candidate }) {
      if (itsEpoch !== epoch || itsLife !== life || isReplaced(candidate.tags, candidate.sequence)) return
      const { shelf, key } = candidate
      const former = shelf.get(key)
      if (former) entries.delete(former)
      const entry: L1Entry = { ...candidate, compared: deliveries, touchedAt: 0 }
      shelf.set(key, entry)
      // Does not keep what alone is larger than all.
      if (!entries.set(entry, entry, { size: bytes }).has(entry)) shelf.delete(key)
    },

    acknowledge(itsLife, sequence, tags) {
      // The sequences of another life can't be compared with these.
      if (itsLife !== life) return clear()
      deliveries++
      for (const tag of tags) remember(tag, sequence)
      // `confirmed` stays: another's with a lower sequence may not have been delivered yet.
    },

    deliver(itsLife, previous, sequence, tags) {
      const isAnotherLife = itsLife !== life
      const isComplete = isAnotherLife || previous <= confirmed
      if (isAnotherLife || !isComplete) clear()
      life = itsLife
      deliveries++
      for (const tag of tags) remember(tag, sequence)
      confirmed = Math.max(confirmed, sequence)
      return isComplete
    },

    confirm(askedAt, itsLife, sequence) {
      if (itsLife === null || (life !== undefined && itsLife !== life)) {
        clear()
        return true
      }
      // INVALIDATE sets the sequence and publishes it in one step. The first word after a beginning can't be compared with
      // anything: what was asked for before it may lack an invalidation that was not published.
      const isComplete = life === undefined || sequence <= confirmed
      if (!isComplete || life === undefined) clear()
      life = itsLife
      servesUntil = askedAt + boundMs
      confirmed = Math.max(confirmed, sequence)
      return isComplete
    },

    clear,
    bytes: () => entries.calculatedSize,
  }
}
