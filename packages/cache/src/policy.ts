import { CacheContractError } from './errors.ts'

/** How one kind of value is cached. Keep the policies of an entity together, in its `*.cache.ts`. */
export interface CachePolicy<V> {
  /** Lower case, unique in the domain: `product`, `product-stats`. Part of every key. */
  readonly name: string
  /** Raise it whenever the shape of `V` changes: entries of another version are never read. */
  readonly version: number
  /** The last bound on an entry's age, never the mechanism that keeps it true. */
  readonly ttlSeconds: number
  /** How long "there is no such row" is kept. 0: not at all. */
  readonly negativeTtlSeconds: number
  /** Each TTL is shortened by up to this share (0 to 1), so that what was filled together does not expire together. */
  readonly jitter: number
  /**
   * What the value depends on: each write that would change the answer for `key` must invalidate one of these tags.
   * Called after the load, with the value or with null; for null, name what the row's creation will invalidate.
   * 1 to 64 tags, else the value is not cached.
   */
  readonly tags: (key: string, value: V | null) => readonly string[]
  /** A longer serialised value is returned but not cached. Default 512 KiB. */
  readonly maxValueBytes?: number
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
  if (!policy.serialize !== !policy.deserialize) problems.push('serialize and deserialize go together')
  if (problems.length > 0)
    throw new CacheContractError(`Cache policy "${policy.name}": ${problems.join('; ')}`)
}

/** The TTL of one entry in ms, with its jitter. */
export function jitteredTtlMs(seconds: number, jitter: number): number {
  return Math.max(1, Math.round(seconds * 1000 * (1 - jitter * Math.random())))
}
