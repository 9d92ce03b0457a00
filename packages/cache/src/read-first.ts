import type { CachedEntity, FirstResult, LoadFirst } from './cached-entity.ts'
import type { EntityParts } from './entity-parts.ts'
import type { Entries, Hit } from './entries.ts'
import { CacheContractError } from './errors.ts'
import type { Reading, Slot } from './fence.ts'
import { createFlights } from './flights.ts'
import { type CachePolicy, readModeOf } from './policy.ts'
import type { ReadL1 } from './read-l1.ts'
import { createStore } from './store.ts'

/** {@link CachedEntity.getFirst}. */
export function createReadFirst<V>(
  policy: CachePolicy<V>,
  entries: Entries<V>,
  l1: ReadL1<V> | undefined,
  parts: EntityParts,
): CachedEntity<V>['getFirst'] {
  const { metrics, reports, enabled, read, contextOf, waitingRoom, leaseWaitMs, inBackground } = parts
  const flights = createFlights<{ key: string | null; value: V }>()
  const { store, giveBack } = createStore(policy, entries, parts)
  const mode = readModeOf(policy)

  async function through(keys: readonly string[], load: LoadFirst<V>): Promise<FirstResult<V>> {
    const epoch = l1?.epoch() ?? 0
    // Only the last key stands for the load, so only it is leased.
    const reading = await read(keys.map(entries.keyOf), { ...mode, unleased: keys.length - 1 })
    if (!reading) {
      metrics.read(policy.name, 'bypass', 1)
      return { value: (await loadFor(keys, undefined, load)).value, outcome: 'bypass' }
    }
    const found = firstHit(keys, (_, i) => reading.slots[i] ?? null)
    if (found.hit) {
      const { value, stale, toRefresh } = found.hit
      l1?.keep(keys[found.at]!, value, reading.slots[found.at], reading, epoch)
      if (toRefresh) refresh(keys, reading, load)
      metrics.read(policy.name, stale ? 'stale' : value === null ? 'negative_hit' : 'hit', 1)
      return { value: value as V, outcome: 'hit' }
    }
    if (found.held && !flights.joinable(keys.at(-1)!, reading)) return waitFor(keys, reading, load)
    return { value: await missing(keys, reading, load), outcome: 'miss' }
  }

  function firstHit(
    keys: readonly string[],
    slotOf: (key: string, i: number) => Slot,
  ): { hit?: Hit<V>; at: number; held: boolean } {
    let held = false
    for (const [i, key] of keys.entries()) {
      const found = entries.read(key, slotOf(key, i))
      if (typeof found === 'object') return { hit: found, at: i, held: false }
      if (found === 'corrupt') metrics.read(policy.name, 'corrupt', 1)
      held = found === 'held'
    }
    return { at: -1, held }
  }

  /** Another process is loading for the same last key. Waits for it, but not for long: it may be slow, or dead. */
  async function waitFor(
    keys: readonly string[],
    reading: Reading,
    load: LoadFirst<V>,
  ): Promise<FirstResult<V>> {
    const [others, last] = [keys.slice(0, -1).map(entries.keyOf), entries.keyOf(keys.at(-1)!)]
    for (const until = performance.now() + leaseWaitMs; ; ) {
      const look = performance.now() < until ? await waitingRoom.next([last], others) : undefined
      if (!look) {
        metrics.wait(policy.name, 'gave_up', 1)
        return { value: await missing(keys, reading, load), outcome: 'miss' }
      }
      const found = firstHit(keys, (key) => look.slotOf(entries.keyOf(key)))
      if (found.hit) {
        metrics.wait(policy.name, 'filled', 1)
        metrics.read(policy.name, 'waited', 1)
        return { value: found.hit.value as V, outcome: 'hit' }
      }
      if (!found.held) {
        metrics.wait(policy.name, 'led', 1)
        return { value: await missing(keys, look.reading, load), outcome: 'miss' }
      }
    }
  }

  /** From the load that another reader of the same last key has begun, if it began late enough for this one. */
  async function missing(keys: readonly string[], reading: Reading, load: LoadFirst<V>): Promise<V> {
    const flight = flights.joinable(keys.at(-1)!, reading)
    metrics.read(policy.name, flight ? 'joined' : 'miss', 1)
    if (!flight) return lead(keys, reading, load)
    try {
      const { key, value } = await flight.loading
      // What is to be stored nowhere is for nobody but the one who loaded it.
      if (key !== null && entries.lasts(key, value)) return value
    } catch {
      // Another's failure (an aborted request, say) is its own.
    }
    return lead(keys, reading, load)
  }

  async function lead(keys: readonly string[], reading: Reading, load: LoadFirst<V>): Promise<V> {
    const last = keys.at(-1)!
    const began = performance.now()
    const loading = loadFor(keys, reading, load)
    const land = flights.begin([last], reading, loading)
    try {
      const { key, value } = await loading
      inBackground(keep(last, key, value, reading, performance.now() - began, () => land([last])))
      return value
    } catch (error) {
      inBackground(giveBack([last]))
      throw error
    }
  }

  async function keep(
    last: string,
    key: string | null,
    value: V,
    reading: Reading,
    loadMs: number,
    land: () => void,
  ): Promise<void> {
    if (key === null) land()
    else await store([[key, value]], reading, loadMs, land)
    // Those who wait find it elsewhere, or must load their own.
    if (key !== last) await giveBack([last], key === null)
  }

  function refresh(keys: readonly string[], reading: Reading, load: LoadFirst<V>): void {
    const refreshing = lead(keys, reading, load).then(
      () => metrics.refresh(policy.name, 'loaded', 1),
      (error: unknown) => {
        metrics.refresh(policy.name, 'failed', 1)
        reports.warn(
          `refresh:${policy.name}`,
          { err: error, policy: policy.name },
          'A value could not be refreshed: the old one is served while it may be',
        )
      },
    )
    inBackground(refreshing)
  }

  async function loadFor(keys: readonly string[], reading: Reading | undefined, load: LoadFirst<V>) {
    const loaded = await load(contextOf(reading))
    if (loaded.key === null || keys.includes(loaded.key)) return loaded
    throw new CacheContractError(
      `The loader of "${policy.name}" returned a value for another key than it was asked for`,
    )
  }

  return async (keys, load, options) => {
    if (keys.length === 0) throw new CacheContractError(`getFirst of "${policy.name}" needs a key`)
    if (l1) {
      for (const key of keys) {
        const found = l1.one(key, options?.atLeast)
        if (found) return { value: found.value as V, outcome: 'hit' }
      }
    }
    if (enabled) return through(keys, load)
    return { value: (await loadFor(keys, undefined, load)).value, outcome: 'bypass' }
  }
}
