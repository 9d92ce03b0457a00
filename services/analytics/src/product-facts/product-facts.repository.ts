import { type Kysely, sql, type Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { ProductFacts } from './product-facts.events.ts'

export interface ProductFactsRepository {
  /**
   * Keeps what catalog says, unless something newer is known already: events may come twice or late.
   * Returns every seller concerned, before and after. Where the same event comes again, because its first delivery died before
   * it could invalidate, the one before is not known any more; catalog never gives a product to another seller, so there is none.
   */
  upsert(trx: Transaction<DB>, facts: ProductFacts): Promise<string[]>
  /** Who sells any of these products, each once; products not heard of have no seller. */
  findSellers(productIds: readonly string[]): Promise<string[]>
}

export function createProductFactsRepository(db: Kysely<DB>): ProductFactsRepository {
  return {
    async upsert(trx, facts) {
      const { rows } = await sql<{ sellerId: string }>`
        with before as (
          select seller_id from product_facts where product_id = ${facts.productId}
        ), upserted as (
          insert into product_facts as f (product_id, version, title, seller_id, category_ids, price_minor, currency)
          values (
            ${facts.productId}, ${facts.version}, ${facts.title}, ${facts.sellerId},
            ${facts.categoryIds}::bigint[], ${facts.price.amount}, ${facts.price.currency}
          )
          on conflict (product_id) do update set
            version = excluded.version, title = excluded.title, seller_id = excluded.seller_id,
            category_ids = excluded.category_ids, price_minor = excluded.price_minor, currency = excluded.currency
          where f.version < excluded.version
        )
        select seller_id as "sellerId" from before union select ${facts.sellerId}::bigint
      `.execute(trx)
      return rows.map((row) => row.sellerId)
    },

    async findSellers(productIds) {
      const { rows } = await sql<{ sellerId: string }>`
        select distinct seller_id as "sellerId" from product_facts where product_id = any(${[...productIds]}::bigint[])
      `.execute(db)
      return rows.map((row) => row.sellerId)
    },
  }
}
