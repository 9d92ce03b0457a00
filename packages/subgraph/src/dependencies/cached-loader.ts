import { CacheContractError, type CachedEntity } from '@freshet/cache'
import { currentFrame } from './recording.ts'
import { type Loader, trackedLoader } from './tracked-loader.ts'

/** How {@link cachedLoader} loads. */
export interface CachedLoaderOptions<Key, Loaded> {
  readonly entity: CachedEntity<NonNullable<Loaded>>
  /**
   * What the cache does not have, in the order of the keys; null where there is nothing. Where its type says that it never
   * gives null, the loader never does.
   */
  readonly load: (keys: readonly Key[]) => Promise<readonly Loaded[]>
  /** The key of the cache's entry. May be left out where keys are the entries' own. */
  readonly keyOf?: (key: Key) => string
  /** What tells keys apart, if there is more to it than `keyOf`: which is so with `isStored`. */
  readonly identityOf?: (key: Key) => string
  /** What it is false for is loaded each time, but depends on what its entry would depend on. Default: all are stored. */
  readonly isStored?: (key: Key) => boolean
  /**
   * For values that change too often to tell outer levels each time: these are not given the tags, but keep what depends
   * on the value for at most so many seconds. The field cache goes by tags as ever.
   */
  readonly outwardMaxAgeSeconds?: number
  /** False: only batched; a key that is loaded again is asked of the cache again. Default true. */
  readonly remembers?: boolean
}

/**
 * The loader of a cached entity: one round trip to the cache for a tick, and each caller's part of the answer gets the
 * tags of the entry that it was given. Reads as the request's `atLeast` demands.
 *
 * @example
 * byId: cachedLoader({ entity: cache.row, load: products.findByIds })
 */
export function cachedLoader<Loaded, Key = string>(
  options: CachedLoaderOptions<Key, Loaded>,
): Loader<Key, Loaded> {
  const { entity, load, outwardMaxAgeSeconds, remembers } = options
  const { keyOf = (key: Key) => key as string, identityOf = keyOf, isStored = () => true } = options

  async function read(keys: readonly Key[]): Promise<Loaded[]> {
    if (keys.length === 0) return []
    const byEntry = new Map(keys.map((key) => [keyOf(key), key]))
    const missing = (entries: readonly string[]) =>
      load(entries.map((entry) => byEntry.get(entry)!)) as Promise<readonly (NonNullable<Loaded> | null)[]>
    const atLeast = currentFrame()?.recording.atLeast
    // Null stands where `load` gave it, so where it may be in Loaded.
    return (await entity.getMany(keys.map(keyOf), missing, { atLeast })) as Loaded[]
  }

  async function batch(keys: readonly Key[]): Promise<Loaded[]> {
    const stored = keys.filter(isStored)
    const others = keys.filter((key) => !isStored(key))
    const [cached, loaded] = await Promise.all([read(stored), others.length > 0 ? load(others) : []])
    const values = new Map<Key, Loaded>()
    for (const [index, key] of stored.entries()) values.set(key, cached[index]!)
    for (const [index, key] of others.entries()) values.set(key, loaded[index]!)
    return keys.map((key) => values.get(key)!)
  }

  return trackedLoader({
    batch: options.isStored ? batch : read,
    identityOf,
    audience: entity.policy.audience,
    remembers,
    dependsOn: (key, value) =>
      outwardMaxAgeSeconds === undefined
        ? { tags: tagsOf(entity, keyOf(key), value ?? null) }
        : { tags: [], maxAgeSeconds: outwardMaxAgeSeconds },
  })
}

/** None where they can't be used: the cache has refused the entry, and said so in its log. */
function tagsOf<Value>(entity: CachedEntity<Value>, key: string, value: Value | null): readonly string[] {
  try {
    return entity.tagsOf(key, value)
  } catch (error) {
    if (error instanceof CacheContractError) return []
    throw error
  }
}
