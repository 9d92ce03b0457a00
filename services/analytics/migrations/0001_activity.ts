import { type Kysely, sql } from 'kysely'

/**
 * The activity stream and what is folded from it. Every rollup is keyed by product first, because the
 * stream is partitioned by product in Kafka: two consumers never update the same row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table activity (
      activity_id uuid not null,
      kind text not null check (kind in ('VIEW', 'CART_ADD', 'PURCHASE')),
      product_id bigint not null,
      user_id bigint,
      quantity integer not null check (quantity > 0),
      price_minor bigint,
      currency char(3),
      occurred_at timestamptz not null,
      primary key (occurred_at, activity_id)
    ) partition by range (occurred_at)
  `.execute(db)
  // Months are made ahead by the service; a row that no month takes is kept here and never lost.
  await sql`create table activity_default partition of activity default`.execute(db)
  await sql`create index activity_product on activity (product_id, occurred_at desc)`.execute(db)

  await sql`
    create table product_stats (
      product_id bigint primary key,
      views bigint not null default 0,
      cart_adds bigint not null default 0,
      purchases bigint not null default 0,
      last_activity_at timestamptz not null
    )
  `.execute(db)

  for (const [table, bucket, type] of [
    ['product_stats_daily', 'day', 'date'],
    ['product_stats_hourly', 'hour', 'timestamptz'],
  ] as const) {
    await sql`
      create table ${sql.ref(table)} (
        product_id bigint not null,
        ${sql.ref(bucket)} ${sql.raw(type)} not null,
        views integer not null default 0,
        cart_adds integer not null default 0,
        purchases integer not null default 0,
        primary key (product_id, ${sql.ref(bucket)})
      )
    `.execute(db)
    // The trending refresh reads a window over all products.
    await sql`
      create index ${sql.ref(`${table}_${bucket}`)} on ${sql.ref(table)} (${sql.ref(bucket)})
      include (product_id, views, cart_adds, purchases)
    `.execute(db)
  }

  await sql`
    create table product_revenue_daily (
      product_id bigint not null,
      day date not null,
      currency char(3) not null,
      revenue_minor bigint not null,
      primary key (product_id, day, currency)
    )
  `.execute(db)

  await sql`
    create table recently_viewed (
      user_id bigint not null,
      product_id bigint not null,
      viewed_at timestamptz not null,
      primary key (user_id, product_id)
    )
  `.execute(db)
  await sql`create index recently_viewed_latest on recently_viewed (user_id, viewed_at desc, product_id)`.execute(
    db,
  )
}
