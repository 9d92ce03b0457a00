import { type Kysely, sql } from 'kysely'

/** Lists that the refresh job recomputes as a whole; `refreshed_at` is their exported staleness. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table trending (
      time_window text not null check (time_window in ('DAY', 'WEEK', 'MONTH')),
      product_id bigint not null,
      rank integer not null,
      score bigint not null,
      primary key (time_window, product_id)
    )
  `.execute(db)
  await sql`create index trending_rank on trending (time_window, rank)`.execute(db)
  await sql`
    create table category_top (
      category_id bigint not null,
      rank integer not null,
      product_id bigint not null,
      primary key (category_id, rank)
    )
  `.execute(db)
  await sql`
    create table category_stats (
      category_id bigint primary key,
      views bigint not null,
      purchases bigint not null
    )
  `.execute(db)
  await sql`
    create table refreshes (
      name text primary key,
      refreshed_at timestamptz not null,
      -- The list changed and caches have not been told yet: whoever refreshes next tells them.
      untold boolean not null default false
    )
  `.execute(db)
}
