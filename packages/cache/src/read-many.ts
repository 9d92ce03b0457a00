import type { CachedEntity, EntityParts, LoadMany } from './entity.ts'
import type { Entries } from './entries.ts'
import { CacheContractError } from './errors.ts'
import type { Reading } from './fence.ts'
import { createFlights, type Flight } from './flights.ts'
import type { CachePolicy } from './policy.ts'
import { store } from './store.ts'

type Loaded<V> = ReadonlyMap<string, V | null>

/** {@link CachedEntity.getMany}. */
export function createReadMany<V>(
  policy: CachePolicy<V>,
  entries: Entries<V>,
  parts: EntityParts,
): CachedEntity<V>['getMany'] {
  const { metrics, enabled, read, contextOf, inBackground } = parts
  const flights = createFlights<Loaded<V>>()

  async function through(keys: readonly string[], load: LoadMany<V>): Promise<Loaded<V>> {
    const reading = await read(keys.map(entries.keyOf))
    if (!reading) {
      metrics.read(policy.name, 'bypass', keys.length)
      return loadAll(keys, undefined, load)
    }
    const values = new Map<string, V | null>()
    const misses = decode(keys, reading, values)
    if (misses.length > 0) await loadMisses(misses, reading, load, values)
    return values
  }

  /** Puts the hits into `values` and returns the keys of the rest. */
  function decode(keys: readonly string[], { payloads }: Reading, values: Map<string, V | null>): string[] {
    const misses: string[] = []
    let negative = 0
    let corrupt = 0
    keys.forEach((key, i) => {
      const decoded = entries.read(key, payloads[i])
      if (decoded === 'miss' || decoded === 'corrupt') {
        // What is corrupt is loaded again, which also replaces the entry.
        misses.push(key)
        if (decoded === 'corrupt') corrupt++
      } else {
        values.set(key, decoded.value)
        if (decoded.value === null) negative++
      }
    })
    metrics.read(policy.name, 'hit', values.size - negative)
    metrics.read(policy.name, 'negative_hit', negative)
    metrics.read(policy.name, 'corrupt', corrupt)
    return misses
  }

  async function loadMisses(
    misses: readonly string[],
    reading: Reading,
    load: LoadMany<V>,
    values: Map<string, V | null>,
  ) {
    const joined: [string, Flight<Loaded<V>>][] = []
    const led: string[] = []
    for (const key of misses) {
      const flight = flights.joinable(key, reading)
      if (flight) joined.push([key, flight])
      else led.push(key)
    }
    metrics.read(policy.name, 'miss', led.length)
    metrics.read(policy.name, 'joined', joined.length)

    const parts = await Promise.all([
      led.length > 0 ? lead(led, reading, load) : [],
      join(joined, reading, load),
    ])
    for (const part of parts) for (const [key, value] of part) values.set(key, value)
  }

  /** What others are loading; what they fail to load is loaded here: their failure (an aborted request, say) is their own. */
  async function join(
    flights: readonly [string, Flight<Loaded<V>>][],
    reading: Reading,
    load: LoadMany<V>,
  ): Promise<Iterable<[string, V | null]>> {
    const values: [string, V | null][] = []
    const left: string[] = []
    for (const [key, { loading }] of flights) {
      try {
        values.push([key, (await loading).get(key) ?? null])
      } catch {
        left.push(key)
      }
    }
    if (left.length > 0) values.push(...(await lead(left, reading, load)))
    return values
  }

  async function lead(keys: readonly string[], reading: Reading, load: LoadMany<V>): Promise<Loaded<V>> {
    const loading = loadAll(keys, reading, load)
    flights.begin(keys, reading, loading)
    const loaded = await loading
    // Not awaited: the reader has what it came for. It is sent before anything that this reader sends next.
    inBackground(store(loaded, reading, policy.name, entries, parts))
    return loaded
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

  return async (keys, load) => {
    const distinct = [...new Set(keys)]
    if (distinct.length === 0) return []
    const values = enabled ? await through(distinct, load) : await loadAll(distinct, undefined, load)
    return keys.map((key) => values.get(key) ?? null)
  }
}
