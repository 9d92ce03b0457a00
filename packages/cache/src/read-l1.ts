import type { EntityParts } from './entity-parts.ts'
import type { Hit } from './entries.ts'
import { loadMsOf } from './entry-layout.ts'
import type { Reading, Slot } from './fence.ts'
import type { L1 } from './l1/l1.ts'
import type { CachePolicy } from './policy.ts'

/** One policy's part of L1. Everything here is on the way of every read, so it awaits nothing and makes next to nothing. */
export interface ReadL1<V> {
  /** Undefined: not there, or L1 may not answer now. */
  one(key: string, atLeast: string | undefined): { readonly value: V | null } | undefined
  /** The values in the order of `keys`, with holes where they are not there; undefined if L1 may not answer now. */
  many(
    keys: readonly string[],
    atLeast: string | undefined,
  ): { values: (V | null | undefined)[]; missing: number } | undefined
  /** What {@link ReadL1.keep} needs, from before the READ. */
  epoch(): number
  /** After a READ that found it: keeps it, if it may. */
  keep(key: string, hit: Hit<V>, slot: Slot | undefined, reading: Reading, epoch: number): void
}

export function createReadL1<V>(policy: CachePolicy<V>, l1: L1, metrics: EntityParts['metrics']): ReadL1<V> {
  const { name, earlyRefresh = 0 } = policy
  const shelf = l1.shelf()
  const hits = metrics.tally(name, 'hit', 'l1')
  const negativeHits = metrics.tally(name, 'negative_hit', 'l1')

  function find(key: string, now: number): { readonly value: V | null } | undefined {
    const entry = l1.find(shelf, key, now) as { readonly value: V | null } | undefined
    if (entry === undefined) return undefined
    if (entry.value === null) negativeHits.count++
    else hits.count++
    return entry
  }

  return {
    one(key, atLeast) {
      const now = performance.now()
      if (!l1.isOpen(now, atLeast)) return undefined
      return find(key, now)
    },

    many(keys, atLeast) {
      const now = performance.now()
      if (!l1.isOpen(now, atLeast)) return undefined
      const values = new Array<V | null | undefined>(keys.length)
      let missing = 0
      for (let i = 0; i < keys.length; i++) {
        const value = find(keys[i]!, now)?.value
        values[i] = value
        if (value === undefined) missing++
      }
      return { values, missing }
    },

    epoch: () => l1.epoch(),

    keep(key, { value, length }, slot, reading, epoch) {
      // Only a plain hit: what is about to be refreshed, or old already, is not worth it.
      if (!Buffer.isBuffer(slot)) return
      // Early refresh for this process: as if it had drawn its lot for the whole life of the entry, once (XFetch).
      const aheadMs = earlyRefresh > 0 ? -Math.log(1 - Math.random()) * earlyRefresh * loadMsOf(slot) : 0
      l1.put({ shelf, key, value, length, entry: slot, aheadMs }, reading, epoch)
    },
  }
}
