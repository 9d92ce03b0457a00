import { type Kysely, sql, type Transaction } from 'kysely'

/** The inbox table, for a migration of a consuming service: `export const { up, down } = inboxMigration`. */
export const inboxMigration = {
  async up<DB>(db: Kysely<DB>): Promise<void> {
    await sql`
      create table inbox (
        consumer text not null,
        event_id text not null,
        processed_at timestamptz not null default clock_timestamp(),
        primary key (consumer, event_id)
      )`.execute(db)
    await sql`create index inbox_processed_at on inbox using brin (processed_at)`.execute(db)
  },
  async down<DB>(db: Kysely<DB>): Promise<void> {
    await sql`drop table inbox`.execute(db)
  },
}

/**
 * Marks the event as processed by this consumer, in the transaction of its effect: true the first time, false for
 * a duplicate, whose effect must then be skipped. A concurrent transaction with the same event waits for this one.
 *
 * @example
 * await database.db.transaction().execute(async (trx) => {
 *   if (await once(trx, 'users-product-facts', event.id)) await facts.upsert(trx, event.data)
 * })
 */
export async function once<DB>(trx: Transaction<DB>, consumer: string, eventId: string): Promise<boolean> {
  const fresh = await onceMany(trx, consumer, [eventId])
  return fresh.has(eventId)
}

/** The same for a batch, in one statement: the ids that are new. */
export async function onceMany<DB>(
  trx: Transaction<DB>,
  consumer: string,
  eventIds: readonly string[],
): Promise<Set<string>> {
  // Sorted and distinct: two overlapping batches then lock in the same order and can't deadlock.
  const ids = [...new Set(eventIds)].sort()
  if (ids.length === 0) return new Set()
  const inserted = await sql<{ event_id: string }>`
    insert into inbox (consumer, event_id)
    select ${consumer}, id from unnest(${ids}::text[]) as id
    on conflict do nothing
    returning event_id`.execute(trx)
  return new Set(inserted.rows.map((row) => row.event_id))
}

/**
 * Forgets events processed more than `keepMs` ago, in small statements. Keep them longer than any topic keeps its
 * messages (default 14 days, topics keep 7): a replay of a forgotten event would have its effect again.
 */
export async function pruneInbox<DB>(
  db: Kysely<DB>,
  { keepMs = 14 * 24 * 3600_000, chunk = 5000 }: { keepMs?: number; chunk?: number } = {},
): Promise<number> {
  const before = new Date(Date.now() - keepMs)
  let pruned = 0
  for (;;) {
    const deleted = await sql`
      delete from inbox where ctid = any(array(
        select ctid from inbox where processed_at < ${before} limit ${chunk}))`.execute(db)
    const count = Number(deleted.numAffectedRows ?? 0)
    pruned += count
    if (count < chunk) return pruned
  }
}
