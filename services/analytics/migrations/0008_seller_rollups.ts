import { type Kysely, sql } from 'kysely'

/**
 * What a seller's dashboard shows, added up for the seller: by product it is a look-up for each of the seller's products. Written
 * by the triggers below alone, so that a process of the version before keeps it, too; rows that are there already follow in the
 * next migration.
 *
 * A product's figures go to its seller by whichever comes last, the event or the news of who sells it. Where both come at once
 * neither sees the other, so an event of a product that nobody told of yet waits for who is just telling, and the other way round.
 * One that goes to another seller (catalog gives none) waits for all counting.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table seller_stats_daily (
      seller_id bigint not null,
      day date not null,
      views bigint not null default 0,
      purchases bigint not null default 0,
      primary key (seller_id, day)
    )`.execute(db)
  await sql`
    create table seller_revenue_daily (
      seller_id bigint not null,
      day date not null,
      currency char(3) not null,
      revenue_minor bigint not null,
      primary key (seller_id, day, currency)
    )`.execute(db)
  // Only what was bought: few of a seller's products are, each day, and the best sellers are among them.
  await sql`
    create table seller_sales_daily (
      seller_id bigint not null,
      day date not null,
      product_id bigint not null,
      purchases bigint not null,
      primary key (seller_id, day, product_id) include (purchases)
    )`.execute(db)

  // Rows are always written in the order of these three tables, and of their keys: so two never wait for each other.
  await sql`
    create function count_for_sellers() returns trigger language plpgsql set search_path from current as $$
    begin
      perform pg_advisory_xact_lock_shared(hashtext('product_facts'), bucket) from (
        select distinct (product_id % 256)::integer as bucket from counted
        where not exists (select from product_facts f where f.product_id = counted.product_id) order by 1
      ) unknown;

      insert into seller_stats_daily as s (seller_id, day, views, purchases)
      select f.seller_id, (occurred_at at time zone 'UTC')::date,
        count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'PURCHASE')
      from counted join product_facts f using (product_id) where kind in ('VIEW', 'PURCHASE') group by 1, 2 order by 1, 2
      on conflict (seller_id, day) do update set
        views = s.views + excluded.views, purchases = s.purchases + excluded.purchases;

      insert into seller_revenue_daily as s (seller_id, day, currency, revenue_minor)
      select f.seller_id, (c.occurred_at at time zone 'UTC')::date, c.currency, sum(c.price_minor * c.quantity)
      from counted c join product_facts f using (product_id)
      where c.kind = 'PURCHASE' and c.currency is not null group by 1, 2, 3 order by 1, 2, 3
      on conflict (seller_id, day, currency) do update set revenue_minor = s.revenue_minor + excluded.revenue_minor;

      insert into seller_sales_daily as s (seller_id, day, product_id, purchases)
      select f.seller_id, (occurred_at at time zone 'UTC')::date, product_id, count(*)
      from counted join product_facts f using (product_id) where kind = 'PURCHASE' group by 1, 2, 3 order by 1, 2, 3
      on conflict (seller_id, day, product_id) do update set purchases = s.purchases + excluded.purchases;
      return null;
    end $$`.execute(db)

  // Adds what is known of some products to their seller, or takes it away.
  await sql`
    create function give_to_sellers(products bigint[], sellers bigint[], sign integer) returns void
    language plpgsql set search_path from current as $$
    begin
      insert into seller_stats_daily as s (seller_id, day, views, purchases)
      select g.seller_id, d.day, sign * sum(d.views), sign * sum(d.purchases)
      from unnest(products, sellers) as g (product_id, seller_id) join product_stats_daily d using (product_id)
      where d.views > 0 or d.purchases > 0 group by 1, 2 order by 1, 2
      on conflict (seller_id, day) do update set
        views = s.views + excluded.views, purchases = s.purchases + excluded.purchases;

      insert into seller_revenue_daily as s (seller_id, day, currency, revenue_minor)
      select g.seller_id, d.day, d.currency, sign * sum(d.revenue_minor)
      from unnest(products, sellers) as g (product_id, seller_id) join product_revenue_daily d using (product_id)
      group by 1, 2, 3 order by 1, 2, 3
      on conflict (seller_id, day, currency) do update set revenue_minor = s.revenue_minor + excluded.revenue_minor;

      insert into seller_sales_daily as s (seller_id, day, product_id, purchases)
      select g.seller_id, d.day, product_id, sign * d.purchases
      from unnest(products, sellers) as g (product_id, seller_id) join product_stats_daily d using (product_id)
      where d.purchases > 0 order by 1, 2, 3
      on conflict (seller_id, day, product_id) do update set purchases = s.purchases + excluded.purchases;
    end $$`.execute(db)
  await sql`
    create function give_new_products() returns trigger language plpgsql set search_path from current as $$
    begin
      perform pg_advisory_xact_lock(hashtext('product_facts'), bucket)
      from (select distinct (product_id % 256)::integer as bucket from new_rows order by 1) told;
      perform give_to_sellers(array_agg(product_id order by product_id), array_agg(seller_id order by product_id), 1) from new_rows;
      return null;
    end $$`.execute(db)
  await sql`
    create function give_moved_products() returns trigger language plpgsql set search_path from current as $$
    begin
      if not exists (select from old_rows o join new_rows n using (product_id) where o.seller_id <> n.seller_id) then
        return null;
      end if;
      lock table only activity in share row exclusive mode;
      perform give_to_sellers(array_agg(product_id), array_agg(o.seller_id), -1)
      from old_rows o join new_rows n using (product_id) where o.seller_id <> n.seller_id;
      delete from seller_stats_daily s using old_rows o where s.seller_id = o.seller_id and s.views = 0 and s.purchases = 0;
      delete from seller_revenue_daily s using old_rows o where s.seller_id = o.seller_id and s.revenue_minor = 0;
      delete from seller_sales_daily s using old_rows o where s.seller_id = o.seller_id and s.purchases = 0;
      perform give_to_sellers(array_agg(product_id), array_agg(n.seller_id), 1)
      from old_rows o join new_rows n using (product_id) where o.seller_id <> n.seller_id;
      return null;
    end $$`.execute(db)

  await sql`
    create trigger activity_count_for_sellers after insert on activity
    referencing new table as counted for each statement execute function count_for_sellers()`.execute(db)
  await sql`
    create trigger product_facts_give_new after insert on product_facts
    referencing new table as new_rows for each statement execute function give_new_products()`.execute(db)
  await sql`
    create trigger product_facts_give_moved after update on product_facts
    referencing old table as old_rows new table as new_rows for each statement execute function give_moved_products()`.execute(
    db,
  )
}
