import type { LoadContext } from './carried.ts'
import type { CachePolicy } from './policy.ts'

/** Loads the values of `keys`, in their order; null where there is none. */
export type LoadMany<V> = (
  keys: readonly string[],
  context: LoadContext,
) => Promise<readonly (V | null | undefined)[]>

/** Loads the value of one key; null if there is none. */
export type LoadOne<V> = (key: string, context: LoadContext) => Promise<V | null | undefined>

/** How a read is to be done. */
export interface ReadOptions {
  /** A sequence of this domain: L1 answers only when it knows all that happened up to it; otherwise Redis does. */
  readonly atLeast?: string | undefined
}

/** One kind of cached value: what a policy makes of a cache. */
export interface CachedEntity<V> {
  readonly policy: Pick<CachePolicy<V>, 'name' | 'soft' | 'audience'>
  /**
   * The values of `keys` in their order, null where there is none: from the cache, and for the rest with one call of `load`.
   * One round trip to Redis when all are there; otherwise a second one stores what was loaded.
   *
   * `load` must read from the primary database in a snapshot that begins when it is called (so not in a transaction
   * that is open already). It may be called in the background, when the answer was served from the cache. The values may be shared with other requests of this process: never change them.
   *
   * @throws whatever `load` throws (nothing is cached then), or {@link CacheContractError} when it returns
   * another number of values than it was asked for. Never because of Redis.
   */
  getMany(keys: readonly string[], load: LoadMany<V>, options?: ReadOptions): Promise<(V | null)[]>
  /** {@link CachedEntity.getMany} for one key. */
  get(key: string, load: LoadOne<V>, options?: ReadOptions): Promise<V | null>
  /**
   * The tags that an entry of this key and value has: what an outer level that stores this value must depend on. Empty for a
   * soft policy.
   *
   * @throws {@link CacheContractError} when there is no tag, or one is not usable: an outer level must not store it
   */
  tagsOf(key: string, value: V | null): readonly string[]
}
