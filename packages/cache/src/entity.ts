import type { CachedEntity, LoadMany, LoadOne, ReadOptions } from './cached-entity.ts'
import type { EntityParts } from './entity-parts.ts'
import { createEntries } from './entries.ts'
import type { CachePolicy } from './policy.ts'
import { createReadL1 } from './read-l1.ts'
import { createReadMany } from './read-many.ts'

export function createEntity<V>(policy: CachePolicy<V>, parts: EntityParts): CachedEntity<V> {
  const entries = createEntries(policy, parts.maxTagsPerEntry, parts.reports)
  const l1 = policy.l1 && parts.enabled ? createReadL1(policy, parts.l1(), parts.metrics) : undefined
  const getMany = createReadMany(policy, entries, l1, parts)

  async function getOne(key: string, load: LoadOne<V>, options: ReadOptions | undefined): Promise<V | null> {
    const loadOne: LoadMany<V> = async (_, context) => [await load(key, context)]
    const [value] = await getMany([key], loadOne, options)
    return value!
  }

  return {
    policy,
    getMany,
    get(key, load, options) {
      const found = l1?.one(key, options?.atLeast)
      return found ? Promise.resolve(found.value) : getOne(key, load, options)
    },
    tagsOf: (key, value) => (policy.soft ? [] : entries.tagsOf(key, value)),
  }
}
