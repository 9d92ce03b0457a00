import type { CachedEntity } from './cached-entity.ts'
import type { EntityParts } from './entity-parts.ts'
import { createEntries } from './entries.ts'
import type { CachePolicy } from './policy.ts'
import { createReadL1 } from './read-l1.ts'
import { createReadMany } from './read-many.ts'

export function createEntity<V>(policy: CachePolicy<V>, parts: EntityParts): CachedEntity<V> {
  const entries = createEntries(policy, parts.maxTagsPerEntry, parts.reports)
  const l1 = policy.l1 && parts.enabled ? createReadL1(policy, parts.l1(), parts.metrics) : undefined
  return {
    policy,
    ...createReadMany(policy, entries, l1, parts),
    tagsOf: (key, value) => (policy.soft ? [] : entries.tagsOf(key, value)),
  }
}
