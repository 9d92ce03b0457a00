import { decodePlainData, encodePlainData } from './codec.ts'
import { CacheContractError } from './errors.ts'
import type { Filling } from './fence.ts'
import type { FillOutcome } from './metrics.ts'
import { type CachePolicy, jitteredTtlMs } from './policy.ts'
import type { Reports } from './reports.ts'
import { distinctTags, MAX_TAGS_PER_ENTRY } from './tags.ts'

const DEFAULT_MAX_VALUE_BYTES = 512 * 1024

/** How a policy's values become entries and back. Null is the empty payload. */
export function createEntries<V>(policy: CachePolicy<V>, reports: Reports) {
  const serialize = policy.serialize ?? encodePlainData
  const deserialize = policy.deserialize ?? (decodePlainData as (text: string) => V)
  const maxValueBytes = policy.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES

  /** The version is part of the key: a process that knows another shape of the value never meets this one. */
  function keyOf(key: string): string {
    return `e:${policy.name}:${policy.version}:${key}`
  }

  /** What to store for a loaded value, or why not; undefined: the policy does not want it. */
  function encode(key: string, value: V | null): Filling | FillOutcome | undefined {
    const ttlSeconds = value === null ? policy.negativeTtlSeconds : policy.ttlSeconds
    if (ttlSeconds === 0) return undefined
    const tags = tagsOf(key, value)
    if (!tags) return 'bad_tags'
    let payload = ''
    if (value !== null) {
      try {
        payload = serialize(value)
      } catch (error) {
        reports.warn(
          `not-plain:${policy.name}`,
          { err: error, policy: policy.name, key },
          'A value could not be serialised: not cached',
        )
        return 'not_plain_data'
      }
      // '' stands for null.
      if (payload === '') return 'not_plain_data'
      if (Buffer.byteLength(payload) > maxValueBytes) return 'too_large'
    }
    return { key: keyOf(key), tags, payload, ttlMs: jitteredTtlMs(ttlSeconds, policy.jitter) }
  }

  /** Undefined when the entry could not be invalidated properly: then it must not be stored. */
  function tagsOf(key: string, value: V | null): string[] | undefined {
    try {
      const tags = distinctTags(policy.tags(key, value))
      if (tags.length > 0 && tags.length <= MAX_TAGS_PER_ENTRY) return tags
      throw new CacheContractError(`An entry has 1 to ${MAX_TAGS_PER_ENTRY} tags, not ${tags.length}`)
    } catch (error) {
      reports.warn(
        `tags:${policy.name}`,
        { err: error, policy: policy.name, key },
        'A value has no usable tags: not cached',
      )
      return undefined
    }
  }

  return {
    keyOf,
    encode,
    /** @throws whatever the policy's deserialize throws */
    decode: (payload: string): V | null => (payload === '' ? null : deserialize(payload)),
  }
}
