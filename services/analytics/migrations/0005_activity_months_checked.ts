import { type Kysely, sql } from 'kysely'

export const transactional = false

/**
 * Proves of each month that it holds its month, so that the next migration can move it without reading it under a lock.
 * Each step commits by itself, and may be done twice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ name: string; first: string; after: string }>`
    select c.relname as name, to_char(month, 'YYYY-MM-DD"T00:00:00Z"') as first,
      to_char(month + interval '1 month', 'YYYY-MM-DD"T00:00:00Z"') as after
    from pg_inherits i join pg_class c on c.oid = i.inhrelid,
      lateral (select to_date(c.relname, '"activity_"YYYY_MM')::timestamp as month) m
    where i.inhparent = 'activity'::regclass and c.relname ~ '^activity_\\d{4}_\\d{2}$' order by 1`.execute(
    db,
  )
  for (const { name, first, after } of rows) {
    const table = sql.ref(name)
    await sql`alter table ${table} drop constraint if exists within_month`.execute(db)
    await sql`
      alter table ${table} add constraint within_month
      check (occurred_at >= ${sql.lit(first)}::timestamptz and occurred_at < ${sql.lit(after)}::timestamptz) not valid`.execute(
      db,
    )
    await sql`alter table ${table} validate constraint within_month`.execute(db)
  }
}
