import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table products (id bigint primary key, name text not null, added_at timestamptz not null)`.execute(
    db,
  )
}
