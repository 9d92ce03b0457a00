import { type Kysely, sql, type Transaction } from 'kysely'
import { type CloudEvent, makeEvent, type NewEvent } from './event.ts'
import { activeTraceparent } from './trace.ts'

/**
 * The outbox table, for a migration of the service: `export const { up, down } = outboxMigration`.
 *
 * - `seq` is the order. It is given while the aggregate's row is locked, so for one key it is the order of commits;
 *   between keys it is not, which is why the relay never reads "after the last seq".
 * - `payload` is the finished CloudEvent as text: what was stored is what is sent, byte for byte.
 * - A published row is deleted. `retry_at` and `parked_at` belong to rows that Kafka refuses.
 */
export const outboxMigration = {
  async up<DB>(db: Kysely<DB>): Promise<void> {
    await sql`
      create table outbox (
        seq bigint generated always as identity primary key,
        id uuid not null,
        topic text not null,
        key text not null,
        type text not null,
        payload text not null,
        traceparent text,
        created_at timestamptz not null default clock_timestamp(),
        attempts integer not null default 0,
        retry_at timestamptz,
        parked_at timestamptz,
        last_error text
      )`.execute(db)
    // Few rows at any time: only refused ones. Keeps both the claim's order and "is this key blocked?" cheap.
    await sql`create index outbox_pending on outbox (seq) where parked_at is null`.execute(db)
    await sql`create index outbox_blocked on outbox (topic, key, seq) where retry_at is not null and parked_at is null`.execute(
      db,
    )
    await sql`create index outbox_parked on outbox (parked_at) where parked_at is not null`.execute(db)
    // A queue's table is nearly empty and changes all the time: vacuum by count, not by a share of its size.
    await sql`
      alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000)`.execute(db)
  },
  async down<DB>(db: Kysely<DB>): Promise<void> {
    await sql`drop table outbox`.execute(db)
  },
}

/**
 * Stores events in the transaction that changes the data, in one statement. They are published if, and only if, it
 * commits. Call it after the aggregate's row is locked (updated), or its events may be stored out of order.
 *
 * Call `relay.wake()` after the commit to publish at once; otherwise the relay's next poll does.
 *
 * @throws InvalidEventError before anything is stored.
 */
export async function appendEvents<DB>(
  trx: Transaction<DB>,
  source: string,
  // biome-ignore lint/suspicious/noExplicitAny: each element pairs its own event with its own data; `newEvent` checks the pair
  events: readonly NewEvent<any>[],
): Promise<CloudEvent[]> {
  if (events.length === 0) return []
  const traceparent = activeTraceparent()
  const made = events.map((event) => makeEvent(source, event, traceparent))
  await sql`
    insert into outbox (id, topic, key, type, payload, traceparent)
    select id, topic, key, type, payload, ${traceparent ?? null}
    from unnest(
      ${made.map(({ id }) => id)}::uuid[],
      ${events.map(({ event }) => event.topic)}::text[],
      ${made.map(({ subject }) => subject)}::text[],
      ${made.map(({ type }) => type)}::text[],
      ${made.map((event) => JSON.stringify(event))}::text[]
    ) with ordinality as event (id, topic, key, type, payload, position)
    order by position`.execute(trx)
  return made
}

/** Pairs an event with its data, so that the compiler checks the data of each element of a mixed list. */
export const newEvent = <Data>(event: NewEvent<Data>['event'], data: Data): NewEvent<Data> => ({
  event,
  data,
})
