import { type Kysely, sql } from 'kysely'

/** Expand: a column that nobody has to know, and a rule that holds for what is written from now on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table products add column condition text`.execute(db)
  await sql`
    alter table products add constraint products_condition_known check (condition in ('NEW', 'USED')) not valid`.execute(
    db,
  )
  await sql`alter table products alter column condition set default 'NEW'`.execute(db)
}
