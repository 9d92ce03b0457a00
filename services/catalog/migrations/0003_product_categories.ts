import { type Kysely, sql } from 'kysely'

/**
 * Which product is found in which category, ancestors included, with a copy of all that a listing sorts
 * and filters by. So a page of any category in any order is one index range, however large the category:
 * a join would have to sort every product below a root category first.
 *
 * Derived altogether from products and categories, by the statement triggers below, in the transaction of
 * the write: nobody else writes it, so it can't drift, whoever changes a product and however (COPY too).
 * For that reason it needs no foreign keys, whose checks would cost more than the rows.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table product_categories (
      product_id bigint not null,
      category_id bigint not null,
      popularity double precision not null,
      price_minor integer not null,
      currency text not null,
      created_at timestamptz(3) not null,
      title text collate "und-x-icu" not null,
      brand_id bigint,
      seller_id bigint not null,
      in_stock boolean not null,
      primary key (product_id, category_id)
    )`.execute(db)

  await sql`create index product_categories_by_popularity on product_categories (category_id, popularity desc, product_id desc)`.execute(
    db,
  )
  await sql`create index product_categories_by_price on product_categories (category_id, price_minor, product_id)`.execute(
    db,
  )
  await sql`create index product_categories_by_age on product_categories (category_id, created_at desc, product_id desc)`.execute(
    db,
  )
  await sql`create index product_categories_by_title on product_categories (category_id, title, product_id)`.execute(
    db,
  )
  await sql`create index product_categories_of_brand on product_categories (category_id, brand_id, popularity desc, product_id desc)`.execute(
    db,
  )

  await sql`
    create function list_new_products() returns trigger language plpgsql set search_path from current as $$
    begin
      insert into product_categories
        (product_id, category_id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock)
      select n.id, ancestor, n.popularity, n.price_minor, n.currency, n.created_at, n.title, n.brand_id, n.seller_id, n.available > 0
      from new_rows n join categories c on c.id = n.category_id cross join unnest(c.path_ids) as ancestor
      where n.status = 'ACTIVE';
      return null;
    end $$`.execute(db)

  await sql`
    create function relist_changed_products() returns trigger language plpgsql set search_path from current as $$
    begin
      delete from product_categories l using old_rows o join new_rows n on n.id = o.id
      where l.product_id = o.id and (n.category_id, n.status) is distinct from (o.category_id, o.status);

      insert into product_categories
        (product_id, category_id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock)
      select n.id, ancestor, n.popularity, n.price_minor, n.currency, n.created_at, n.title, n.brand_id, n.seller_id, n.available > 0
      from new_rows n join old_rows o on o.id = n.id
        join categories c on c.id = n.category_id cross join unnest(c.path_ids) as ancestor
      where n.status = 'ACTIVE' and (n.category_id, n.status) is distinct from (o.category_id, o.status);

      -- Most changes of stock move nothing here: in_stock flips only at zero.
      update product_categories l
      set popularity = n.popularity, price_minor = n.price_minor, currency = n.currency, created_at = n.created_at,
          title = n.title, brand_id = n.brand_id, seller_id = n.seller_id, in_stock = n.available > 0
      from new_rows n join old_rows o on o.id = n.id
      where l.product_id = n.id and (n.category_id, n.status) is not distinct from (o.category_id, o.status)
        and (n.popularity, n.price_minor, n.currency, n.created_at, n.title, n.brand_id, n.seller_id, n.available > 0)
          is distinct from
          (o.popularity, o.price_minor, o.currency, o.created_at, o.title, o.brand_id, o.seller_id, o.available > 0);
      return null;
    end $$`.execute(db)

  await sql`
    create function unlist_deleted_products() returns trigger language plpgsql set search_path from current as $$
    begin
      delete from product_categories where product_id in (select id from old_rows);
      return null;
    end $$`.execute(db)

  await sql`
    create trigger products_list_new after insert on products
    referencing new table as new_rows for each statement execute function list_new_products()`.execute(db)
  await sql`
    create trigger products_relist_changed after update on products
    referencing old table as old_rows new table as new_rows for each statement execute function relist_changed_products()`.execute(
    db,
  )
  await sql`
    create trigger products_unlist_deleted after delete on products
    referencing old table as old_rows for each statement execute function unlist_deleted_products()`.execute(
    db,
  )
}
