import { type Cache, CacheUnavailableError } from '@freshet/cache'
import { inTransaction } from '@freshet/database'
import { appendEvents, type NewEvent } from '@freshet/events'
import { tagsOfEvents } from '@freshet/subgraph'
import { type Logger, meter } from '@freshet/telemetry'
import type { Kysely, Transaction } from 'kysely'
import type { DB } from './generated/db.ts'
import { invalidations } from './invalidation.ts'

/** What a transaction did, beside changing rows. */
export interface Written<Result> {
  readonly result: Result
  /** Empty when nothing changed: then nothing is published or invalidated. */
  // biome-ignore lint/suspicious/noExplicitAny: each element pairs its own event with its own data
  readonly events: readonly NewEvent<any>[]
}

export type Write = ReturnType<typeof createWrite>

/**
 * The one way that this service changes data, so that no step can be forgotten:
 *
 * 1. one transaction changes rows and stores the events;
 * 2. after the commit, the tags that these events stand for are invalidated, and waited for: the
 *    writer reads its own write;
 * 3. the relay is woken, so that outer caches hear of it after the inner one.
 *
 * Where a step fails after the commit, the events make up for it: ./invalidation.ts consumes them and
 * invalidates the same tags.
 */
export function createWrite(parts: {
  db: Kysely<DB>
  cache: Pick<Cache, 'invalidate'>
  relay: { wake(): void }
  logger: Logger
}) {
  const { db, cache, relay, logger } = parts
  const late = meter('@freshet/users').createCounter('freshet.users.late_invalidations', {
    description: 'Writes whose tags were not invalidated before they were answered.',
  })

  return async <Result>(work: (trx: Transaction<DB>) => Promise<Written<Result>>): Promise<Result> => {
    const written = await inTransaction(db, async (trx) => {
      const written = await work(trx)
      await appendEvents(trx, 'users', written.events)
      // In here, so that an event whose tags are not known fails before the commit.
      return { ...written, tags: tagsOfEvents(invalidations, written.events) }
    })
    try {
      if (written.tags.length > 0) await cache.invalidate(written.tags)
    } catch (error) {
      // The write is committed and stays so: the client must not be told that it failed. The cache
      // repeats the invalidation, and the event brings it to every process.
      if (!(error instanceof CacheUnavailableError)) throw error
      late.add(1)
      logger.warn({ err: error }, 'a write was answered before its tags were invalidated')
    } finally {
      if (written.events.length > 0) relay.wake()
    }
    return written.result
  }
}
