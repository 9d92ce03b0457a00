import { type Kysely, sql } from 'kysely'

/** Reads all rows, with a lock that stops other migrations only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table products validate constraint products_condition_known`.execute(db)
  await sql`alter table products validate constraint products_condition_there`.execute(db)
}
