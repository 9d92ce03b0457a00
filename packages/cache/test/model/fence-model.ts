import { clear, type Rec } from './record.ts'

/** One domain in Redis, with one key, whose entry has one tag: more tags would act like the one invalidated last. */
export const STORE = {
  /** 0: the fence is not there. */
  life: 0,
  seq: 0,
  floor: 0,
  tag: 0,
  /** The run id that the fence remembers. */
  run: 0,
  /** The highest sequence of an inner level that came with an invalidation. */
  carried: 0,
  /** Version 0: there is none. `aged`: past its TTL, to be served while it is refreshed. */
  entry: { life: 0, stamp: 0, version: 0, aged: 0 },
}

/** What a reader that missed has, from READ to FILL. */
export const LOAD = { life: 0, stamp: 0, version: 0 }

type Store = Rec<typeof STORE>
type Load = Rec<typeof LOAD>

/** One rule of the fence left out. */
export type BrokenFence =
  | 'a fill is never refused'
  | 'an entry is stamped when it is stored'
  | 'a read does not look at the tag'
  | 'what is past its TTL is served without a look at its tag'
  | 'a forgotten tag does not raise the floor'
  | 'a lost fence does not begin a new life'
  // Not for the promise: this one only keeps the newer of two values that are both right.
  | 'a fill replaces what was read later'

/**
 * READ, FILL, INVALIDATE and BEGIN LIFE, as the scripts do them.
 *
 * `firstSequence` is that of a life that begins where nothing is left: 0, as if the clock had been set back as far as can be,
 * unless said otherwise.
 */
export function createFenceModel(
  store: Store,
  {
    nextLife,
    firstSequence = () => 0,
    broken,
  }: { nextLife: () => number; firstSequence?: () => number; broken?: string | undefined },
) {
  const leftOut = (rule: BrokenFence) => broken === rule

  function beginLife(seq: number): void {
    store.life = leftOut('a lost fence does not begin a new life') ? 1 : nextLife()
    store.seq = seq
    store.floor = seq
    store.tag = 0
    store.carried = 0
  }
  function open(): void {
    if (store.life === 0) beginLife(firstSequence())
  }

  return {
    beginLife,

    /** Would READ serve the entry? */
    isHit(): boolean {
      const { entry, life } = store
      if (entry.version === 0 || life === 0 || entry.life !== life) return false
      if (leftOut('a read does not look at the tag')) return true
      if (entry.aged && leftOut('what is past its TTL is served without a look at its tag')) return true
      return store.floor <= entry.stamp && store.tag <= entry.stamp
    },

    /** What READ answers to a miss. */
    read(load: Load): void {
      open()
      load.life = store.life
      load.stamp = store.seq
    },

    fill(load: Load): void {
      const { entry } = store
      const anyStamp = leftOut('a fill is never refused')
      const stamp = anyStamp || leftOut('an entry is stamped when it is stored') ? store.seq : load.stamp
      const life = anyStamp ? store.life : load.life
      if (life === 0 || life !== store.life || store.floor > stamp || store.tag > stamp) return
      const isThere = entry.version > 0 && entry.life === life
      if (isThere && entry.stamp > stamp && !leftOut('a fill replaces what was read later')) return
      entry.life = life
      entry.stamp = stamp
      entry.version = load.version
      entry.aged = 0
    },

    /** @returns its sequence. Of other tags it only raises the sequence. */
    invalidate({ ofTheTag = true, carried = 0 } = {}): number {
      open()
      store.seq++
      if (ofTheTag) store.tag = store.seq
      if (carried > store.carried) store.carried = carried
      return store.seq
    },

    /** What a sweep does to a tag that was last invalidated long ago. */
    forget(): void {
      if (!leftOut('a forgotten tag does not raise the floor')) store.floor = Math.max(store.floor, store.tag)
      store.tag = 0
    },

    /** The fence alone is lost, as by an eviction; or everything, as by a flush. */
    lose({ entryToo }: { entryToo: boolean }): void {
      store.life = store.seq = store.floor = store.tag = store.run = store.carried = 0
      if (entryToo) clear(store.entry)
    },

    /**
     * Would a FILL with this stamp be refused now, or an entry with it be no hit, and therefore never again? For lives don't come
     * back, and unless a tag is forgotten or an older copy is restored nothing in the fence ever gets lower.
     */
    isTooLate: ({ life, stamp }: { life: number; stamp: number }) =>
      life !== store.life || store.floor > stamp || store.tag > stamp,
  }
}
