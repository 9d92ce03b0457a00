import { setTimeout as wait } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { isRetryable } from './sql-errors.ts'

/** Three tries settle a collision of two writers; a fourth would only add load to a contended row. */
const attempts = 3

/**
 * Runs `work` in a transaction, and runs it again, from the start, when PostgreSQL ended it for a deadlock or a
 * serialization failure: at most 3 times in all. So `work` must do nothing that a rollback does not undo:
 * invalidate caches and answer after it, not within.
 */
export async function inTransaction<DB, Result>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error
      // At once, it could take the same row before the transaction that it collided with gets it: the same deadlock.
      await wait(attempt * (20 + 30 * Math.random()))
    }
  }
}
