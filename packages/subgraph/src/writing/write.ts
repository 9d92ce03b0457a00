import { type Cache, CacheUnavailableError } from '@freshet/cache'
import { inTransaction } from '@freshet/database'
import { appendEvents, type NewEvent } from '@freshet/events'
import { type Logger, meter } from '@freshet/telemetry'
import type { Kysely, Transaction } from 'kysely'
import { noteInvalidation } from '../dependencies/recording.ts'
import { type Invalidation, tagsOfEvents } from './invalidations.ts'

/** What a transaction did, beside changing rows. */
export interface Written<Result> {
  readonly result: Result
  /** Empty when nothing changed: then nothing is published or invalidated. */
  // biome-ignore lint/suspicious/noExplicitAny: each element pairs its own event with its own data
  readonly events: readonly NewEvent<any>[]
  /**
   * Where the change was found to be made already: the events of the write that made it. They are not published again, but
   * their tags are invalidated: that write may have died before it could, and this is its client, trying again.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly madeBefore?: readonly NewEvent<any>[]
}

/** Changes data in a transaction; see {@link createWrite}. May be run again: `work` has no effect but on `trx`. */
export type Write<DB> = <Result>(work: (trx: Transaction<DB>) => Promise<Written<Result>>) => Promise<Result>

/** What {@link createWrite} needs. */
export interface WriteParts<DB> {
  readonly service: string
  readonly db: Kysely<DB>
  readonly cache: Pick<Cache, 'invalidate'>
  readonly relay: { wake(): void }
  readonly invalidations: readonly Invalidation[]
  readonly logger: Logger
}

/**
 * The one way that a service changes data, so that no step can be forgotten:
 *
 * 1. one transaction changes rows and stores the events; an event without tags fails before its commit;
 * 2. after the commit, the tags that these events stand for are invalidated, and waited for: the
 *    writer reads its own write. The mutation's answer tells them, so that outer caches need not wait for the event;
 * 3. the relay is woken, so that outer caches hear of it after the inner one.
 *
 * Where a step fails after the commit, the events make up for it: the service's `createSelfInvalidator`
 * consumes them and invalidates the same tags.
 */
export function createWrite<DB>(parts: WriteParts<DB>): Write<DB> {
  const { service, db, cache, relay, invalidations, logger } = parts
  const late = meter('@freshet/subgraph').createCounter('freshet.late_invalidations', {
    description: 'Writes whose tags were not invalidated before they were answered.',
  })

  return async (work) => {
    const written = await inTransaction(db, async (trx) => {
      const { result, events, madeBefore = [] } = await work(trx)
      await appendEvents(trx, service, events)
      return { result, events, tags: tagsOfEvents(invalidations, [...events, ...madeBefore]) }
    })
    let sequence: string | null = null
    try {
      if (written.tags.length > 0) ({ sequence } = await cache.invalidate(written.tags))
    } catch (error) {
      // The write is committed and stays so: the client must not be told that it failed. The cache
      // repeats the invalidation, and the event brings it to every process.
      late.add(1, { service })
      const text = 'a write was answered before its tags were invalidated'
      if (error instanceof CacheUnavailableError) logger.warn({ err: error }, text)
      // Nothing repeats it but the event: a mistake of ours, then.
      else logger.error({ err: error }, text)
    } finally {
      if (written.tags.length > 0) noteInvalidation(written.tags, sequence)
      if (written.events.length > 0) relay.wake()
    }
    return written.result
  }
}
