import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'

/** Of products that were there before the triggers knew of it. May run twice. */
export const transactional = false

const BATCH = 1_000
/** For the others, and for the replicas. */
const PAUSE_MS = 20

export async function up(db: Kysely<unknown>): Promise<void> {
  for (let last: string | null = '0'; last !== null; await sleep(PAUSE_MS)) last = await fillBehind(db, last)
}

/**
 * A batch in the order of the ids; returns its last one, null when there was none. The products are locked, so that nobody changes
 * their attributes between reading and writing them.
 */
async function fillBehind(db: Kysely<unknown>, id: string): Promise<string | null> {
  const { rows } = await sql<{ last: string | null }>`
    with batch as materialized (
      select id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, available > 0 as in_stock,
        attribute_keys(attributes) as keys
      from products where id > ${id}::bigint and status = 'ACTIVE' order by id limit ${BATCH} for share
    ), filled as (
      update product_categories l set attribute_keys = b.keys from batch b
      where l.product_id = b.id and l.attribute_keys <> b.keys
    ), listed as (
      insert into product_categories
        (product_id, category_id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock, attribute_keys)
      select id, 0, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock, keys from batch
      on conflict do nothing
    )
    select max(id)::text as last from batch`.execute(db)
  return rows[0]?.last ?? null
}
