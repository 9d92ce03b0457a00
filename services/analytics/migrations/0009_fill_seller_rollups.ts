import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'

/** Of sellers whose figures are older than the triggers. May run twice: a seller's rows are made anew. */
export const transactional = false

/** With their products, a tenth of a second or so; that of the largest seller takes as long as a dashboard of all of its days. */
const SELLERS = 20
/** For the others, and for the replicas. */
const PAUSE_MS = 20

export async function up(db: Kysely<unknown>): Promise<void> {
  // Of this session, and gone with it: what is tried again for want of a lock goes on where it was.
  await sql`create temporary table if not exists sellers_left as select distinct seller_id from product_facts`.execute(
    db,
  )
  while (await fillNext(db)) await sleep(PAUSE_MS)
}

/** Returns whether there was a seller left. Counting waits for it, and so does news of products; who reads does not. */
async function fillNext(db: Kysely<unknown>): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await sql`lock table product_facts, only activity in share row exclusive mode`.execute(trx)
    const { rows } = await sql<{ seller: string }>`
      delete from sellers_left where seller_id in (select seller_id from sellers_left limit ${SELLERS})
      returning seller_id as seller`.execute(trx)
    const sellers = rows.map(({ seller }) => seller)
    for (const table of ['seller_stats_daily', 'seller_revenue_daily', 'seller_sales_daily'])
      await sql`delete from ${sql.ref(table)} where seller_id = any(${sellers}::bigint[])`.execute(trx)
    await sql`
      select give_to_sellers(array_agg(product_id), array_agg(seller_id), 1)
      from product_facts where seller_id = any(${sellers}::bigint[])`.execute(trx)
    return sellers.length > 0
  })
}
