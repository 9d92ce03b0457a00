import { CacheContractError } from './errors.ts'
import type { ReadMode } from './fence.ts'

/** How one kind of value is cached. Keep the policies of an entity together, in its `*.cache.ts`. */
export interface CachePolicy<V> {
  /** Lower case, unique in the domain: `product`, `product-stats`. Part of every key. */
  readonly name: string
  /** Raise it whenever the shape of `V` changes: entries of another version are never read. */
  readonly version: number
  /** The last bound on an entry's age, never the mechanism that keeps it true. */
  readonly ttlSeconds: number
  /**
   * For values that say themselves how long they last: the TTL of this one, at most `ttlSeconds` (`negativeTtlSeconds` for
   * null). 0 or less: the value is returned, and not stored.
   */
  readonly ttlSecondsOf?: (key: string, value: V | null) => number
  /**
   * After its TTL a value may be served for so long while one reader loads it anew, and nobody waits. By age only: what was
   * invalidated is never served, unless the policy is `soft`. Default 0.
   */
  readonly staleSeconds?: number
  /**
   * The beta of XFetch: each read of a value that is near the end of its TTL may load it anew in the background, the likelier the
   * nearer, and the longer the load took. 1 is usual, more is earlier, 0 is off. Default 0.
   */
  readonly earlyRefresh?: number
  /** How long "there is no such row" is kept. 0: not at all. */
  readonly negativeTtlSeconds: number
  /** Each TTL is shortened by up to this share (0 to 1), so that what was filled together does not expire together. */
  readonly jitter: number
  /**
   * What the value depends on: each write that would change the answer for `key` must invalidate one of these tags.
   * Called after the load, with the value or with null; for null, name what the row's creation will invalidate.
   * 1 to `maxTagsPerEntry` tags, else the value is not cached.
   */
  readonly tags: (key: string, value: V | null) => readonly string[]
  /**
   * Kept in this process too: an invalidation that another process sends takes effect here within `l1.boundMs` (50 ms), and not at
   * once. Not for prices, stock, sessions, or what people are allowed to do. The values are shared by all readers of the
   * process. Default false.
   */
  readonly l1?: boolean
  /**
   * True: for values that may be a little old, and are asked for often. One that was invalidated may still be served, until its
   * TTL ends, while it is loaded anew. Such values promise nothing, so outer levels do not depend on them
   * ({@link CachedEntity.tagsOf} is empty). Default false.
   */
  readonly soft?: boolean
  /**
   * Whose value it is. `private`: the viewer's who reads it, and the key must name that viewer. The cache treats both alike; it is for
   * outer levels, which must know. Default `public`.
   */
  readonly audience?: 'public' | 'private'
  /**
   * One process at a time loads a missing key; the others wait for it, if briefly. Default true. False for loads that are
   * cheaper than the wait.
   */
  readonly lease?: boolean
  /** A longer serialised value is returned but not cached. Default 512 KiB. */
  readonly maxValueBytes?: number
  /** Serialised values so long or longer are compressed. Default 8 KiB; Infinity: none. */
  readonly compressFromBytes?: number
  /** For values that are not plain data. Give both or none; the result must not be empty. */
  readonly serialize?: (value: V) => string
  /** May throw: the entry then counts as corrupt, and is loaded again. */
  readonly deserialize?: (text: string) => V
}

/** @throws {@link CacheContractError} naming the policy and what is wrong with it. */
export function checkPolicy<V>(policy: CachePolicy<V>): void {
  const problems: string[] = []
  if (!/^[a-z][a-z0-9-]*$/.test(policy.name))
    problems.push('name must be lower case letters, digits and dashes')
  if (!Number.isSafeInteger(policy.version) || policy.version < 1)
    problems.push('version must be a positive integer')
  if (!(policy.ttlSeconds > 0) || !Number.isFinite(policy.ttlSeconds))
    problems.push('ttlSeconds must be positive')
  if (!(policy.negativeTtlSeconds >= 0) || !Number.isFinite(policy.negativeTtlSeconds)) {
    problems.push('negativeTtlSeconds must be 0 or more')
  }
  if (!(policy.jitter >= 0 && policy.jitter < 1)) problems.push('jitter must be at least 0 and below 1')
  if (policy.maxValueBytes !== undefined && !(policy.maxValueBytes > 0))
    problems.push('maxValueBytes must be positive')
  if (policy.compressFromBytes !== undefined && !(policy.compressFromBytes >= 0))
    problems.push('compressFromBytes must be 0 or more')
  for (const name of ['staleSeconds', 'earlyRefresh'] as const) {
    const value = policy[name]
    if (value !== undefined && !(value >= 0 && Number.isFinite(value)))
      problems.push(`${name} must be 0 or more`)
  }
  if (!policy.serialize !== !policy.deserialize) problems.push('serialize and deserialize go together')
  if (problems.length > 0)
    throw new CacheContractError(`Cache policy "${policy.name}": ${problems.join('; ')}`)
}

type LifeOf = Pick<CachePolicy<unknown>, 'ttlSeconds' | 'negativeTtlSeconds' | 'staleSeconds'>

/** How long an entry may be served at most. */
export function longestLifeMs({ ttlSeconds, negativeTtlSeconds, staleSeconds = 0 }: LifeOf): number {
  return (Math.max(ttlSeconds, negativeTtlSeconds) + staleSeconds) * 1000
}

type RefreshingOf = Pick<CachePolicy<unknown>, 'l1' | 'lease' | 'soft' | 'staleSeconds' | 'earlyRefresh'>

/** How READ is to treat a policy's keys. */
export function readModeOf({
  l1,
  lease = true,
  soft,
  staleSeconds,
  earlyRefresh = 0,
}: RefreshingOf): ReadMode {
  if (soft) return { lease, extra: 'soft', beta: earlyRefresh }
  if (staleSeconds || earlyRefresh > 0) return { lease, extra: 'age', beta: earlyRefresh }
  // For L1 must know for how long it may keep an entry.
  return l1 ? { lease, extra: 'time' } : { lease }
}

/** How long this value is to be kept; 0: not at all. @throws whatever the policy's `ttlSecondsOf` throws */
export function ttlSecondsFor<V>(policy: CachePolicy<V>, key: string, value: V | null): number {
  const longest = value === null ? policy.negativeTtlSeconds : policy.ttlSeconds
  const own = policy.ttlSecondsOf?.(key, value) ?? longest
  // NaN is no TTL either.
  return own > 0 ? Math.min(own, longest) : 0
}

/** The TTL of one entry in ms, with its jitter. */
export function jitteredTtlMs(seconds: number, jitter: number): number {
  return Math.max(1, Math.round(seconds * 1000 * (1 - jitter * Math.random())))
}
