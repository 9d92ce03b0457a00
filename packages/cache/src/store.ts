import type { EntityParts } from './entity.ts'
import type { Entries } from './entries.ts'
import type { Filling, Reading } from './fence.ts'

/** Stores what was loaded after `reading`, as far as it may be stored. Counts what became of it; never rejects. */
export async function store<V>(
  loaded: Iterable<readonly [string, V | null]>,
  reading: Reading,
  policy: string,
  entries: Entries<V>,
  { fill, metrics }: Pick<EntityParts, 'fill' | 'metrics'>,
): Promise<void> {
  const fillings: Filling[] = []
  for (const [key, value] of loaded) {
    const filling = entries.encode(key, value)
    if (typeof filling === 'object') fillings.push(filling)
    else if (filling) metrics.fill(policy, filling)
  }
  if (fillings.length === 0) return
  const results = await fill(reading, fillings)
  if (!results) metrics.fill(policy, 'error', fillings.length)
  else for (const result of results) metrics.fill(policy, result)
}
