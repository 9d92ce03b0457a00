import { createEntries } from './entries.ts'
import { CacheContractError } from './errors.ts'
import type { Filling, FillResult, Reading } from './fence.ts'
import { createFlights, type Flight } from './flights.ts'
import type { CacheMetrics } from './metrics.ts'
import type { CachePolicy } from './policy.ts'
import type { Reports } from './reports.ts'

/** Loads the values of `keys`, in their order; null where there is none. */
export type LoadMany<V> = (keys: readonly string[]) => Promise<readonly (V | null | undefined)[]>

/** One kind of cached value: what a policy makes of a cache. */
export interface CachedEntity<V> {
  /**
   * The values of `keys` in their order, null where there is none: from the cache, and for the rest with one call of `load`.
   * One round trip to Redis when all are there; otherwise a second one stores what was loaded.
   *
   * `load` must read from the primary database in a snapshot that begins when it is called (so not in a transaction
   * that is open already). The values may be shared with other requests of this process: never change them.
   *
   * @throws whatever `load` throws (nothing is cached then), or {@link CacheContractError} when it returns
   * another number of values than it was asked for. Never because of Redis.
   */
  getMany(keys: readonly string[], load: LoadMany<V>): Promise<(V | null)[]>
  /** {@link CachedEntity.getMany} for one key. */
  get(key: string, load: (key: string) => Promise<V | null | undefined>): Promise<V | null>
}

/** What an entity asks of its cache. */
export interface EntityParts {
  readonly metrics: CacheMetrics
  readonly reports: Reports
  /** False: load without counting anything. */
  readonly enabled: boolean
  /** Undefined when Redis can't be asked. */
  readonly read: (entries: readonly string[]) => Promise<Reading | undefined>
  /** Undefined when it failed. */
  readonly fill: (reading: Reading, fillings: readonly Filling[]) => Promise<FillResult[] | undefined>
  /** For work that no reader waits for, and that never rejects. */
  readonly inBackground: (work: Promise<void>) => void
}

export function createEntity<V>(
  policy: CachePolicy<V>,
  { metrics, reports, enabled, read, fill, inBackground }: EntityParts,
): CachedEntity<V> {
  const entries = createEntries(policy, reports)
  const flights = createFlights<V>()

  async function getMany(keys: readonly string[], load: LoadMany<V>): Promise<(V | null)[]> {
    const distinct = [...new Set(keys)]
    if (distinct.length === 0) return []
    const values = enabled ? await through(distinct, load) : await loadAll(distinct, load)
    return keys.map((key) => values.get(key) ?? null)
  }

  async function through(keys: readonly string[], load: LoadMany<V>): Promise<ReadonlyMap<string, V | null>> {
    const reading = await read(keys.map(entries.keyOf))
    if (!reading) {
      metrics.read(policy.name, 'bypass', keys.length)
      return loadAll(keys, load)
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
      const payload = payloads[i]
      if (payload == null) {
        misses.push(key)
      } else if (payload === '') {
        negative++
        values.set(key, null)
      } else {
        try {
          values.set(key, entries.decode(payload))
        } catch (error) {
          // Loaded again below, which also replaces the entry.
          corrupt++
          misses.push(key)
          reports.warn(
            `corrupt:${policy.name}`,
            { err: error, policy: policy.name, key },
            'A cache entry could not be decoded',
          )
        }
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
    const joined: [string, Flight<V>][] = []
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
    flights: readonly [string, Flight<V>][],
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

  async function lead(
    keys: readonly string[],
    reading: Reading,
    load: LoadMany<V>,
  ): Promise<ReadonlyMap<string, V | null>> {
    const loading = loadAll(keys, load)
    flights.begin(keys, reading, loading)
    const loaded = await loading
    // Not awaited: the reader has what it came for. It is sent before anything that this reader sends next.
    inBackground(store(loaded, reading))
    return loaded
  }

  async function loadAll(keys: readonly string[], load: LoadMany<V>): Promise<ReadonlyMap<string, V | null>> {
    const loaded = await load(keys)
    if (!Array.isArray(loaded) || loaded.length !== keys.length) {
      const found = Array.isArray(loaded) ? `${loaded.length} values` : typeof loaded
      throw new CacheContractError(`The loader of "${policy.name}" returned ${found} for ${keys.length} keys`)
    }
    return new Map(keys.map((key, i) => [key, (loaded[i] as V | null | undefined) ?? null]))
  }

  async function store(loaded: ReadonlyMap<string, V | null>, reading: Reading): Promise<void> {
    const fillings: Filling[] = []
    for (const [key, value] of loaded) {
      const filling = entries.encode(key, value)
      if (typeof filling === 'object') fillings.push(filling)
      else if (filling) metrics.fill(policy.name, filling)
    }
    if (fillings.length === 0) return
    const results = await fill(reading, fillings)
    if (!results) metrics.fill(policy.name, 'error', fillings.length)
    else for (const result of results) metrics.fill(policy.name, result)
  }

  return {
    getMany,
    async get(key, load) {
      const [value] = await getMany([key], async ([only]) => [await load(only!)])
      return value!
    },
  }
}
