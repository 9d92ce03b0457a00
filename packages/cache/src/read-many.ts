import type { CachedEntity, LoadMany, LoadOne } from './cached-entity.ts'
import type { EntityParts } from './entity-parts.ts'
import type { Entries } from './entries.ts'
import type { Reading } from './fence.ts'
import { createLoads, type Loaded } from './loads.ts'
import { type CachePolicy, readModeOf } from './policy.ts'
import type { ReadL1 } from './read-l1.ts'

/** {@link CachedEntity.getMany} and {@link CachedEntity.get}. */
export function createReadMany<V>(
  policy: CachePolicy<V>,
  entries: Entries<V>,
  l1: ReadL1<V> | undefined,
  parts: EntityParts,
): Pick<CachedEntity<V>, 'get' | 'getMany'> {
  const { metrics, enabled, read, waitingRoom, leaseWaitMs } = parts
  const loads = createLoads(policy, entries, parts)
  const mode = readModeOf(policy)
  const countReads = metrics.readsOf(policy.name)

  /** What is left to do when READ has answered, or could not be asked. */
  async function answer(
    keys: readonly string[],
    reading: Reading | undefined,
    epoch: number,
    load: LoadMany<V>,
  ): Promise<Loaded<V>> {
    if (!reading) {
      countReads('bypass', keys.length)
      return loads.unstored(keys, load)
    }
    const { values, misses, held, toRefresh } = sort(keys, reading, epoch)
    if (toRefresh.length > 0) loads.refresh(toRefresh, reading, load)
    if (misses.length > 0 || held.length > 0) {
      const parts = await Promise.all([
        misses.length > 0 ? loads.missing(misses, reading, load) : [],
        held.length > 0 ? waitFor(held, reading, load) : [],
      ])
      for (const part of parts) for (const [key, value] of part) values.set(key, value)
    }
    return values
  }

  function sort(keys: readonly string[], reading: Reading, epoch: number) {
    const values = new Map<string, V | null>()
    const misses: string[] = []
    const held: string[] = []
    const toRefresh: string[] = []
    let negative = 0
    let stale = 0
    let corrupt = 0
    for (const [i, key] of keys.entries()) {
      const slot = reading.slots[i]
      const found = entries.read(key, slot)
      if (typeof found === 'object') {
        values.set(key, found.value)
        l1?.keep(key, found, slot, reading, epoch)
        if (found.stale) stale++
        else if (found.value === null) negative++
        if (found.toRefresh) toRefresh.push(key)
      } else if (found === 'held') {
        held.push(key)
      } else {
        // What is corrupt is loaded again, which also replaces the entry.
        misses.push(key)
        if (found === 'corrupt') corrupt++
      }
    }
    countReads('hit', values.size - negative - stale)
    countReads('negative_hit', negative)
    countReads('stale', stale)
    countReads('corrupt', corrupt)
    return { values, misses, held, toRefresh }
  }

  /** Other processes are loading these. Waits for them, but not for long: they may be slow, or dead. */
  async function waitFor(
    keys: readonly string[],
    reading: Reading,
    load: LoadMany<V>,
  ): Promise<Iterable<[string, V | null]>> {
    const values: [string, V | null][] = []
    const loading: Promise<Loaded<V>>[] = []
    const loadHere = (some: readonly string[], after: Reading) => {
      if (some.length > 0) loading.push(loads.missing(some, after, load))
    }

    // This process may be loading some of them too: it waited for long enough, or its lease ended.
    const shared = new Set(loads.underWay(keys, reading))
    loadHere([...shared], reading)
    let waiting = keys.filter((key) => !shared.has(key))
    for (const until = performance.now() + leaseWaitMs; waiting.length > 0; ) {
      const look = performance.now() < until ? await waitingRoom.next(waiting.map(entries.keyOf)) : undefined
      if (!look) {
        metrics.wait(policy.name, 'gave_up', waiting.length)
        loadHere(waiting, reading)
        break
      }
      const free: string[] = []
      const before = values.length
      waiting = waiting.filter((key) => {
        const found = entries.read(key, look.slotOf(entries.keyOf(key)))
        if (found === 'held') return true
        if (typeof found === 'object') values.push([key, found.value])
        else free.push(key)
        return false
      })
      metrics.wait(policy.name, 'filled', values.length - before)
      countReads('waited', values.length - before)
      metrics.wait(policy.name, 'led', free.length)
      loadHere(free, look.reading)
    }
    for (const part of await Promise.all(loading)) values.push(...part)
    return values
  }

  async function many(
    keys: readonly string[],
    load: LoadMany<V>,
    known: readonly (V | null | undefined)[],
  ): Promise<(V | null)[]> {
    const distinct = [...new Set(keys.filter((_, i) => known[i] === undefined))]
    const epoch = l1?.epoch() ?? 0
    const values = enabled
      ? await answer(distinct, await read(distinct.map(entries.keyOf), mode), epoch, load)
      : await loads.unstored(distinct, load)
    return keys.map((key, i) => known[i] ?? values.get(key) ?? null)
  }

  /** As {@link many}; but most reads of one key are a hit, and that needs no lists. */
  async function one(key: string, load: LoadOne<V>): Promise<V | null> {
    const epoch = l1?.epoch() ?? 0
    const reading = enabled ? await read([entries.keyOf(key)], mode) : undefined
    const slot = reading?.slots[0]
    if (reading && Buffer.isBuffer(slot)) {
      const found = entries.read(key, slot)
      if (typeof found === 'object') {
        countReads(found.value === null ? 'negative_hit' : 'hit', 1)
        l1?.keep(key, found, slot, reading, epoch)
        return found.value
      }
    }
    const loadOne: LoadMany<V> = async (_, context) => [await load(key, context)]
    const values = enabled
      ? await answer([key], reading, epoch, loadOne)
      : await loads.unstored([key], loadOne)
    return values.get(key) ?? null
  }

  return {
    getMany(keys, load, options) {
      if (keys.length === 0) return Promise.resolve([])
      const found = l1?.many(keys, options?.atLeast)
      // Nothing is awaited for what is all here.
      if (found?.missing === 0) return Promise.resolve(found.values as (V | null)[])
      return many(keys, load, found?.values ?? [])
    },
    get(key, load, options) {
      const found = l1?.one(key, options?.atLeast)
      return found ? Promise.resolve(found.value) : one(key, load)
    },
  }
}
