import type { LoadMany } from './cached-entity.ts'
import type { EntityParts } from './entity-parts.ts'
import type { Entries } from './entries.ts'
import { CacheContractError } from './errors.ts'
import type { Reading } from './fence.ts'
import { createFlights, type Flight } from './flights.ts'
import type { CachePolicy } from './policy.ts'
import { createStore } from './store.ts'

export type Loaded<V> = ReadonlyMap<string, V | null>

/** Loads what is missing: once for all readers of this process that may share it. */
export interface Loads<V> {
  /** For the reader of `reading`: joins the loads under way that began late enough, and leads one for the rest. */
  missing(keys: readonly string[], reading: Reading, load: LoadMany<V>): Promise<Loaded<V>>
  /** Those of `keys` that another reader of this process is loading, late enough for the reader of `reading`. */
  underWay(keys: readonly string[], reading: Reading): string[]
  /** In the background: what is served meanwhile is old, but allowed to be. */
  refresh(keys: readonly string[], reading: Reading, load: LoadMany<V>): void
  /** After no READ: nothing is shared, and nothing stored. */
  unstored(keys: readonly string[], load: LoadMany<V>): Promise<Loaded<V>>
}

export function createLoads<V>(policy: CachePolicy<V>, entries: Entries<V>, parts: EntityParts): Loads<V> {
  const { metrics, reports, contextOf, inBackground, joinMs } = parts
  const countReads = metrics.readsOf(policy.name)
  const flights = createFlights<Loaded<V>>(joinMs)
  const { store, giveBack } = createStore(policy, entries, parts)

  /** `isSecond`: after another load took too long. Whoever has waited for two leads one. */
  async function missing(
    keys: readonly string[],
    reading: Reading,
    load: LoadMany<V>,
    isSecond: boolean,
  ): Promise<Loaded<V>> {
    const joined: [string, Flight<Loaded<V>>][] = []
    const led: string[] = []
    for (const key of keys) {
      const flight = flights.joinable(key, reading)
      if (flight) joined.push([key, flight])
      else led.push(key)
    }
    if (!isSecond) {
      countReads('miss', led.length)
      countReads('joined', joined.length)
    }
    if (joined.length === 0) return lead(led, reading, load)
    const [own, others] = await Promise.all([
      led.length > 0 ? lead(led, reading, load) : [],
      join(joined, reading, load, isSecond),
    ])
    return new Map([...own, ...others])
  }

  /**
   * What others are loading. Loaded here after all: what they fail to load, for their failure (an aborted request, say) is their
   * own; what lasts for no time, so not even until now; and what they take too long for. Of many who have waited for the same in vain
   * one loads first, and if that takes too long too, each of them.
   */
  async function join(
    joined: readonly [string, Flight<Loaded<V>>][],
    reading: Reading,
    load: LoadMany<V>,
    isSecond: boolean,
  ): Promise<Iterable<[string, V | null]>> {
    const values: [string, V | null][] = []
    const left: string[] = []
    const late: string[] = []
    for (const [key, flight] of joined) {
      try {
        const loaded = await flight.join()
        const value = loaded?.get(key) ?? null
        if (!loaded) late.push(key)
        else if (entries.lasts(key, value)) values.push([key, value])
        else left.push(key)
      } catch {
        left.push(key)
      }
    }
    metrics.wait(policy.name, 'gave_up', late.length)
    if (isSecond) left.push(...late.splice(0))
    const loading = await Promise.all([
      left.length > 0 ? lead(left, reading, load) : [],
      late.length > 0 ? missing(late, reading, load, true) : [],
    ])
    for (const some of loading) values.push(...some)
    return values
  }

  async function lead(keys: readonly string[], reading: Reading, load: LoadMany<V>): Promise<Loaded<V>> {
    const began = performance.now()
    const loading = loadAll(keys, reading, load)
    const land = flights.begin(keys, reading, loading)
    try {
      const loaded = await loading
      // Not awaited: the reader has what it came for. It is sent before anything that this reader sends next.
      inBackground(store(loaded, reading, performance.now() - began, land))
      return loaded
    } catch (error) {
      inBackground(giveBack(keys))
      throw error
    }
  }

  async function loadAll(
    keys: readonly string[],
    reading: Reading | undefined,
    load: LoadMany<V>,
  ): Promise<Loaded<V>> {
    const loaded = await load(keys, contextOf(reading))
    if (!Array.isArray(loaded) || loaded.length !== keys.length) {
      const found = Array.isArray(loaded) ? `${loaded.length} values` : typeof loaded
      throw new CacheContractError(`The loader of "${policy.name}" returned ${found} for ${keys.length} keys`)
    }
    return new Map(keys.map((key, i) => [key, (loaded[i] as V | null | undefined) ?? null]))
  }

  return {
    missing: (keys, reading, load) => missing(keys, reading, load, false),

    underWay: (keys, reading) => keys.filter((key) => flights.joinable(key, reading)),

    refresh(keys, reading, load) {
      const refreshing = lead(keys, reading, load).then(
        () => metrics.refresh(policy.name, 'loaded', keys.length),
        (error: unknown) => {
          metrics.refresh(policy.name, 'failed', keys.length)
          reports.warn(
            `refresh:${policy.name}`,
            { err: error, policy: policy.name },
            'A value could not be refreshed: the old one is served while it may be',
          )
        },
      )
      inBackground(refreshing)
    },

    unstored: (keys, load) => loadAll(keys, undefined, load),
  }
}
