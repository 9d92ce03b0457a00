import { type Kysely, sql } from 'kysely'

/**
 * What a listing is filtered by stands in its row, and the whole shop is a category like any other, with the id 0: so that
 * a filter reads an index from front to back, and no product. The triggers write both from here on; rows that
 * are there already follow in the next migration.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The length keeps ('ab', 'c') and ('a', 'bc') apart. 64 bits: a million different pairs collide once in 37 million shops.
  await sql`
    create function attribute_key(name text, value text) returns bigint language sql immutable parallel safe as $$
      select hashtextextended(length(name)::text || ':' || name || value, 0)
    $$`.execute(db)
  await sql`
    create function attribute_keys(attributes jsonb) returns bigint[] language sql immutable parallel safe
    set search_path from current as $$
      select coalesce(array_agg(attribute_key(name, value)), '{}')
      from jsonb_to_recordset(attributes) as attribute(name text, value text)
    $$`.execute(db)
  await sql`alter table product_categories add column attribute_keys bigint[] not null default '{}'`.execute(
    db,
  )

  await sql`
    create or replace function list_new_products() returns trigger language plpgsql set search_path from current as $$
    begin
      insert into product_categories
        (product_id, category_id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock, attribute_keys)
      select n.id, ancestor, n.popularity, n.price_minor, n.currency, n.created_at, n.title, n.brand_id, n.seller_id,
        n.available > 0, attribute_keys(n.attributes)
      from new_rows n join categories c on c.id = n.category_id cross join unnest(0::bigint || c.path_ids) as ancestor
      where n.status = 'ACTIVE';
      return null;
    end $$`.execute(db)

  await sql`
    create or replace function relist_changed_products() returns trigger language plpgsql set search_path from current as $$
    begin
      delete from product_categories l using old_rows o join new_rows n on n.id = o.id
      where l.product_id = o.id and (n.category_id, n.status) is distinct from (o.category_id, o.status);

      insert into product_categories
        (product_id, category_id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock, attribute_keys)
      select n.id, ancestor, n.popularity, n.price_minor, n.currency, n.created_at, n.title, n.brand_id, n.seller_id,
        n.available > 0, attribute_keys(n.attributes)
      from new_rows n join old_rows o on o.id = n.id
        join categories c on c.id = n.category_id cross join unnest(0::bigint || c.path_ids) as ancestor
      where n.status = 'ACTIVE' and (n.category_id, n.status) is distinct from (o.category_id, o.status);

      -- Most changes of stock move nothing here: in_stock flips only at zero.
      update product_categories l
      set popularity = n.popularity, price_minor = n.price_minor, currency = n.currency, created_at = n.created_at,
          title = n.title, brand_id = n.brand_id, seller_id = n.seller_id, in_stock = n.available > 0,
          attribute_keys = attribute_keys(n.attributes)
      from new_rows n join old_rows o on o.id = n.id
      where l.product_id = n.id and (n.category_id, n.status) is not distinct from (o.category_id, o.status)
        and (n.popularity, n.price_minor, n.currency, n.created_at, n.title, n.brand_id, n.seller_id, n.available > 0, n.attributes)
          is distinct from
          (o.popularity, o.price_minor, o.currency, o.created_at, o.title, o.brand_id, o.seller_id, o.available > 0, o.attributes);
      return null;
    end $$`.execute(db)
}
