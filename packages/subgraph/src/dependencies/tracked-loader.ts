import DataLoader from 'dataloader'
import { currentFrame, type Dependencies, within } from './recording.ts'

/** What a loaded value depends on, for whoever keeps an answer that it went into. */
export interface DependsOn {
  /** Every write that changes the value invalidates one of these. With none, and no age, the answer is never stored. */
  readonly tags: readonly string[]
  /** How long the value is right without a word about it: bounds the age of the answer. */
  readonly maxAgeSeconds?: number
}

/** How {@link trackedLoader} loads. */
export interface TrackedLoaderOptions<Key, Value> {
  /** As DataLoader's: the values of the keys, in their order; an Error for one that failed. */
  readonly batch: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>
  /** `untold`: nobody tells of a change, so no answer that the value goes into is ever stored. */
  readonly dependsOn: ((key: Key, value: Value) => DependsOn) | 'untold'
  /** What tells keys apart that are no strings. */
  readonly identityOf?: (key: Key) => string
  /** `private`: the value is the viewer's own, and so is whatever it goes into. Default `public`. */
  readonly audience?: 'public' | 'private'
  /** False: only batched; a key that is loaded again is read again. Default true. */
  readonly remembers?: boolean
}

/** What resolvers load by. One for each request: it remembers what it has loaded. */
export interface Loader<Key, Value> {
  load(key: Key): Promise<Value>
  /** Remembers a value that is known from elsewhere, unless the key was loaded already. */
  prime(key: Key, value: Value): void
}

/**
 * A DataLoader that notes what each value depends on: not in the batch, which runs in one caller's context for all of
 * them, but for each caller of `load`. For what the field cache does not hold; see {@link cachedLoader} for what it does.
 *
 * @example
 * page: trackedLoader({
 *   batch: wishlist.findPages,
 *   identityOf: ({ parent, page }) => JSON.stringify([parent, page]),
 *   dependsOn: ({ parent }) => ({ tags: [userWishlistTag(parent)] }),
 * })
 */
export function trackedLoader<Key, Value>(options: TrackedLoaderOptions<Key, Value>): Loader<Key, Value> {
  const { batch, dependsOn, identityOf, audience = 'public', remembers = true } = options
  const loader = new DataLoader<Key, Value, Key | string>(batch, {
    cache: remembers,
    batchScheduleFn: (dispatch) => afterThisTick(inBatchFrame(audience, dispatch)),
    ...(identityOf && { cacheKeyFn: identityOf }),
  })

  return {
    async load(key) {
      const dependencies = currentFrame()?.dependencies
      if (dependencies === undefined) return loader.load(key)
      if (audience === 'private') dependencies.readViewer = true
      try {
        const value = await loader.load(key)
        note(dependencies, dependsOn === 'untold' ? { tags: [] } : dependsOn(key, value))
        return value
      } catch (error) {
        // A resolver may go on without the value; the answer then shows an accident.
        dependencies.untold = true
        throw error
      }
    },
    prime(key, value) {
      loader.prime(key, value)
    },
  }
}

/** Called when the first key of a batch is asked for: the batch is the asking field's. */
function inBatchFrame(audience: 'public' | 'private', dispatch: () => void): () => void {
  const here = currentFrame()
  if (here === undefined) return dispatch
  const { recording } = here
  const { dependencies, reader } = audience === 'private' ? recording.viewersBatch : recording.batch
  const field = recording.asking ?? here.field
  return () => within({ recording, dependencies, reader, field }, dispatch)
}

/** As DataLoader does it by itself: once every promise that is resolved already has called its loaders. */
function afterThisTick(dispatch: () => void): void {
  void Promise.resolve().then(() => process.nextTick(dispatch))
}

/** Without a tag or an age, nobody would tell when the value changes. */
function note(dependencies: Dependencies, { tags, maxAgeSeconds }: DependsOn): void {
  for (const tag of tags) dependencies.tags.add(tag)
  if (maxAgeSeconds !== undefined) {
    dependencies.maxAgeSeconds = Math.min(dependencies.maxAgeSeconds, maxAgeSeconds)
  } else if (tags.length === 0) {
    dependencies.untold = true
  }
}
