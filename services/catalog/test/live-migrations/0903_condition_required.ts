import { type Kysely, sql } from 'kysely'

/** A check that is validated later, so that no lock is held while all rows are read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table products add constraint products_condition_there check (condition is not null) not valid`.execute(
    db,
  )
}
