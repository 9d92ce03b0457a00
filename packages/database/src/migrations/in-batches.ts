import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely, RawBuilder } from 'kysely'

/**
 * Changes many rows a few at a time, each time in a transaction of its own, until none is left: for a migration without a
 * transaction. One statement over all of them would hold the locks of all until its end.
 *
 * @param statement changes at most `limit` rows that are not changed yet; it waits for rows that are locked, for where it changes
 * none it is done
 * @returns how many rows were changed
 * @example
 * await inBatches(db, (limit) => sql`
 *   update products set slug = slugify(title)
 *   where id in (select id from products where slug is null order by id limit ${limit} for update)`)
 */
export async function inBatches(
  db: Kysely<unknown>,
  statement: (limit: number) => RawBuilder<unknown>,
  { limit = 1_000, pauseMs = 20 }: { limit?: number; pauseMs?: number } = {},
): Promise<number> {
  for (let total = 0; ; ) {
    const { numAffectedRows = 0n } = await statement(limit).execute(db)
    total += Number(numAffectedRows)
    if (numAffectedRows === 0n) return total
    // For the others, and for the replicas.
    await sleep(pauseMs)
  }
}
