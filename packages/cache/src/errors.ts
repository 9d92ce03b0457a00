/**
 * An invalidation was not acknowledged by Redis in time. The write itself has been committed.
 *
 * It is not lost: this process keeps repeating it in the background and serves nothing from the cache until
 * Redis acknowledges it. Other processes may serve the old value until then, or until the event that the
 * write left in the outbox is consumed. So: answer the client, and let the event path do its work.
 */
export class CacheUnavailableError extends Error {
  readonly code = 'CACHE_UNAVAILABLE'
  /** What stays to be invalidated. */
  readonly tags: readonly string[]

  constructor(tags: readonly string[], options: { cause: unknown }) {
    super(
      `Redis did not acknowledge the invalidation of ${tags.length} tag(s); it is repeated in the background`,
      options,
    )
    this.name = 'CacheUnavailableError'
    this.tags = tags
  }
}

/** A policy, a tag or a loader breaks the cache's contract: a mistake in the program, never a fault of Redis. */
export class CacheContractError extends Error {
  readonly code = 'CACHE_CONTRACT'

  constructor(message: string) {
    super(message)
    this.name = 'CacheContractError'
  }
}
