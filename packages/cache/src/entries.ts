import { decodePlainData, encodePlainData } from './codec.ts'
import { COMPRESS_FROM_BYTES, compress, decompress } from './compression.ts'
import { codecOf, headerOf, isCodec, payloadStart } from './entry-layout.ts'
import { CacheContractError } from './errors.ts'
import { type Filling, HELD, INVALIDATED, PAST_TTL, type Slot, TO_REFRESH } from './fence.ts'
import type { FillOutcome } from './metrics.ts'
import { type CachePolicy, jitteredTtlMs, ttlSecondsFor } from './policy.ts'
import type { Reports } from './reports.ts'
import { distinctTags } from './tags.ts'

/** What a READ answered for one key, decoded. `held`: another process loads it. */
export type Found<V> = Hit<V> | 'miss' | 'held' | 'corrupt'

export interface Hit<V> {
  readonly value: V | null
  /** Of its text. */
  readonly length: number
  /** Served although its TTL has ended, or it was invalidated (by a soft policy). */
  readonly stale: boolean
  /** It is this reader's to load anew, in the background. */
  readonly toRefresh: boolean
}
const DEFAULT_MAX_VALUE_BYTES = 512 * 1024

export type Entries<V> = ReturnType<typeof createEntries<V>>

/** How a policy's values become entries and back. Null is the empty payload. */
export function createEntries<V>(policy: CachePolicy<V>, maxTags: number, reports: Reports) {
  const serialize = policy.serialize ?? encodePlainData
  const deserialize = policy.deserialize ?? (decodePlainData as (text: string) => V)
  const staleMs = Math.round((policy.staleSeconds ?? 0) * 1000)
  const maxValueBytes = policy.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES

  /** The version is part of the key: a process that knows another shape of the value never meets this one. */
  function keyOf(key: string): string {
    return `e:${policy.name}:${policy.version}:${key}`
  }

  /** What to store for a loaded value, or why not; undefined: the policy does not want it. */
  function encode(key: string, value: V | null, loadMs: number): Filling | FillOutcome | undefined {
    const ttlSeconds = ttlSecondsOf(key, value)
    if (ttlSeconds === 0) return undefined
    const tags = usableTags(key, value)
    if (!tags) return 'bad_tags'
    let text = ''
    if (value !== null) {
      try {
        text = serialize(value)
      } catch (error) {
        reports.warn(
          `not-plain:${policy.name}`,
          { err: error, policy: policy.name, key },
          'A value could not be serialised: not cached',
        )
        return 'not_plain_data'
      }
      // '' stands for null.
      if (text === '') return 'not_plain_data'
      if (Buffer.byteLength(text) > maxValueBytes) return 'too_large'
    }
    const ttlMs = jitteredTtlMs(ttlSeconds, policy.jitter)
    const { payload, codec } = compress(text, policy.compressFromBytes ?? COMPRESS_FROM_BYTES)
    return { key: keyOf(key), tags, ttlMs, staleMs, header: headerOf(loadMs, codec), payload }
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

  /** False for a value that says itself that it lasts for no time: it is for nobody but the one who loaded it. */
  function lasts(key: string, value: V | null): boolean {
    return !policy.ttlSecondsOf || ttlSecondsOf(key, value) > 0
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

  /** What a READ answered for `key`. Reports what can't be decoded. */
  function read(key: string, slot: Slot | undefined): Found<V> {
    if (slot == null) return 'miss'
    if (slot === HELD) return 'held'
    const [entry, flags] = Buffer.isBuffer(slot) ? [slot, 0] : (slot as readonly [Buffer, number])
    const codec = codecOf(entry)
    // Another version of this package wrote it.
    if (!isCodec(codec)) return 'miss'
    try {
      const start = payloadStart(entry)
      const text = start === entry.length ? '' : decompress(entry.subarray(start), codec, maxValueBytes)
      return {
        value: text === '' ? null : deserialize(text),
        length: text.length,
        stale: (flags & (PAST_TTL | INVALIDATED)) !== 0,
        toRefresh: (flags & TO_REFRESH) !== 0,
      }
    } catch (error) {
      const details = { err: error, policy: policy.name, key }
      reports.warn(`corrupt:${policy.name}`, details, 'A cache entry could not be decoded')
      return 'corrupt'
    }
  }

  return { keyOf, encode, lasts, tagsOf, read }
}
