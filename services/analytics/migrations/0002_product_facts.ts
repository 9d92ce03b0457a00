import { type Kysely, sql } from 'kysely'

/** What analytics must know of catalog's products, kept by catalog's events; the newest version wins. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table product_facts (
      product_id bigint primary key,
      version integer not null,
      title text not null,
      seller_id bigint not null,
      category_ids bigint[] not null,
      price_minor bigint not null,
      currency char(3) not null
    )
  `.execute(db)
  await sql`create index product_facts_seller on product_facts (seller_id, product_id)`.execute(db)
}
