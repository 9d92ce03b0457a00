import type { CachedEntity, EntityParts, FirstResult, LoadFirst } from './entity.ts'
import type { Entries } from './entries.ts'
import { CacheContractError } from './errors.ts'
import type { Reading } from './fence.ts'
import { createFlights } from './flights.ts'
import type { CachePolicy } from './policy.ts'
import { store } from './store.ts'

/** {@link CachedEntity.getFirst}. */
export function createReadFirst<V>(
  policy: CachePolicy<V>,
  entries: Entries<V>,
  parts: EntityParts,
): CachedEntity<V>['getFirst'] {
  const { metrics, enabled, read, contextOf, inBackground } = parts
  const flights = createFlights<V>()

  async function through(keys: readonly string[], load: LoadFirst<V>): Promise<FirstResult<V>> {
    const reading = await read(keys.map(entries.keyOf))
    if (!reading) {
      metrics.read(policy.name, 'bypass', 1)
      return { value: (await loadFor(keys, undefined, load)).value, outcome: 'bypass' }
    }
    for (const [i, key] of keys.entries()) {
      const decoded = entries.read(key, reading.payloads[i])
      if (decoded === 'corrupt') metrics.read(policy.name, 'corrupt', 1)
      if (typeof decoded !== 'object') continue
      metrics.read(policy.name, decoded.value === null ? 'negative_hit' : 'hit', 1)
      return { value: decoded.value as V, outcome: 'hit' }
    }
    return { value: await join(keys, reading, load), outcome: 'miss' }
  }

  /** From the load that another reader of the same last key has begun, if it began late enough for this one. */
  async function join(keys: readonly string[], reading: Reading, load: LoadFirst<V>): Promise<V> {
    const flight = flights.joinable(keys.at(-1)!, reading)
    metrics.read(policy.name, flight ? 'joined' : 'miss', 1)
    if (!flight) return lead(keys, reading, load)
    try {
      return await flight.loading
    } catch {
      // Another's failure (an aborted request, say) is its own.
      return lead(keys, reading, load)
    }
  }

  async function lead(keys: readonly string[], reading: Reading, load: LoadFirst<V>): Promise<V> {
    const loading = loadFor(keys, reading, load)
    flights.begin(
      [keys.at(-1)!],
      reading,
      loading.then(({ value }) => value),
    )
    const { key, value } = await loading
    if (key !== null) inBackground(store([[key, value]], reading, policy.name, entries, parts))
    return value
  }

  async function loadFor(keys: readonly string[], reading: Reading | undefined, load: LoadFirst<V>) {
    const loaded = await load(contextOf(reading))
    if (loaded.key === null || keys.includes(loaded.key)) return loaded
    throw new CacheContractError(
      `The loader of "${policy.name}" returned a value for another key than it was asked for`,
    )
  }

  return async (keys, load) => {
    if (keys.length === 0) throw new CacheContractError(`getFirst of "${policy.name}" needs a key`)
    if (enabled) return through(keys, load)
    return { value: (await loadFor(keys, undefined, load)).value, outcome: 'bypass' }
  }
}
