import { decodePlainData, encodePlainData } from './codec.ts'
import { CacheContractError } from './errors.ts'
import type { Filling } from './fence.ts'
import type { FillOutcome } from './metrics.ts'
import { type CachePolicy, jitteredTtlMs, ttlSecondsFor } from './policy.ts'
import type { Reports } from './reports.ts'
import { distinctTags } from './tags.ts'

const NEGATIVE = { value: null }
const DEFAULT_MAX_VALUE_BYTES = 512 * 1024

export type Entries<V> = ReturnType<typeof createEntries<V>>

/** How a policy's values become entries and back. Null is the empty payload. */
export function createEntries<V>(policy: CachePolicy<V>, maxTags: number, reports: Reports) {
  const serialize = policy.serialize ?? encodePlainData
  const deserialize = policy.deserialize ?? (decodePlainData as (text: string) => V)
  const maxValueBytes = policy.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES

  /** The version is part of the key: a process that knows another shape of the value never meets this one. */
  function keyOf(key: string): string {
    return `e:${policy.name}:${policy.version}:${key}`
  }

  /** What to store for a loaded value, or why not; undefined: the policy does not want it. */
  function encode(key: string, value: V | null): Filling | FillOutcome | undefined {
    const ttlSeconds = ttlSecondsOf(key, value)
    if (ttlSeconds === 0) return undefined
    const tags = usableTags(key, value)
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

  /** 0, and reported, when the policy does not know. */
  function ttlSecondsOf(key: string, value: V | null): number {
    try {
      return ttlSecondsFor(policy, key, value)
    } catch (error) {
      const details = { err: error, policy: policy.name, key }
      reports.warn(`ttl:${policy.name}`, details, 'A policy could not tell a TTL: not cached')
      return 0
    }
  }

  /** @throws {@link CacheContractError} when there is none, or one is no tag; whatever the policy throws */
  function tagsOf(key: string, value: V | null): string[] {
    const tags = distinctTags(policy.tags(key, value))
    if (tags.length === 0) throw new CacheContractError(`A value of "${policy.name}" has no tags`)
    return tags
  }

  /** Undefined when the entry could not be invalidated properly: then it must not be stored. */
  function usableTags(key: string, value: V | null): string[] | undefined {
    try {
      const tags = tagsOf(key, value)
      if (tags.length <= maxTags) return tags
      throw new CacheContractError(`An entry has at most ${maxTags} tags, not ${tags.length}`)
    } catch (error) {
      const details = { err: error, policy: policy.name, key }
      reports.warn(`tags:${policy.name}`, details, 'A value has no usable tags: not cached')
      return undefined
    }
  }

  return {
    keyOf,
    encode,
    tagsOf,
    /** What a READ answered for `key`. Reports what can't be decoded. */
    read(key: string, payload: string | null | undefined): { readonly value: V | null } | 'miss' | 'corrupt' {
      if (payload == null) return 'miss'
      if (payload === '') return NEGATIVE
      try {
        return { value: deserialize(payload) }
      } catch (error) {
        const details = { err: error, policy: policy.name, key }
        reports.warn(`corrupt:${policy.name}`, details, 'A cache entry could not be decoded')
        return 'corrupt'
      }
    },
  }
}
