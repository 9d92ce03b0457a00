import type { EntityParts } from './entity-parts.ts'
import type { Entries } from './entries.ts'
import type { Filling, Reading } from './fence.ts'
import type { CachePolicy } from './policy.ts'

/** Brings loaded values to Redis, and leases back. Nothing here rejects. */
export interface Store<V> {
  /**
   * Stores what was loaded after `reading`, as far as it may be stored, and counts what became of it. Tells `settled` of each key
   * when that is known.
   */
  readonly store: (
    loaded: Iterable<readonly [string, V | null]>,
    reading: Reading,
    loadMs: number,
    settled: (keys: readonly string[]) => void,
  ) => Promise<void>
  /** After a load that failed, others may try; `useless`: they should not wait for these keys for a while. */
  readonly giveBack: (keys: readonly string[], useless?: boolean) => Promise<void>
}

export function createStore<V>(
  policy: CachePolicy<V>,
  entries: Entries<V>,
  { fill, release, metrics }: Pick<EntityParts, 'fill' | 'release' | 'metrics'>,
): Store<V> {
  const { lease = true, soft = false } = policy

  async function giveBack(keys: readonly string[], useless = false): Promise<void> {
    if (lease && keys.length > 0) await release(keys.map(entries.keyOf), useless)
  }

  const store: Store<V>['store'] = async (loaded, reading, loadMs, settled) => {
    const fillings: Filling[] = []
    const storable: string[] = []
    const unstorable: string[] = []
    for (const [key, value] of loaded) {
      const filling = entries.encode(key, value, loadMs)
      if (typeof filling === 'object') {
        fillings.push(filling)
        storable.push(key)
      } else {
        unstorable.push(key)
        if (filling) metrics.fill(policy.name, filling)
      }
    }
    settled(unstorable)
    void giveBack(unstorable, true)
    if (fillings.length === 0) return
    const results = await fill(reading, fillings, { lease, soft })
    settled(storable)
    if (results) {
      for (const result of results) metrics.fill(policy.name, result)
    } else {
      metrics.fill(policy.name, 'error', fillings.length)
      // Redis may have no memory, and yet answer.
      await giveBack(storable, true)
    }
  }

  return { store, giveBack }
}
