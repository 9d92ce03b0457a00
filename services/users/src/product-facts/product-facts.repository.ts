import { type Kysely, sql, type Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'

/** What this service remembers of a product, as of the newest version that it was told of. */
export interface ProductFactsRow {
  readonly productId: string
  readonly title: string
  readonly priceMinor: number
  readonly currency: string
  readonly version: string
}

export type ProductFactsRepository = ReturnType<typeof createProductFactsRepository>

export function createProductFactsRepository(db: Kysely<DB>) {
  return {
    /** One statement, in the order asked for; null for products that no event has told of. */
    findByIds: async (ids: readonly string[]): Promise<(ProductFactsRow | null)[]> => {
      const rows = await db
        .selectFrom('product_facts')
        .select(factColumns)
        .where('product_id', '=', sql<string>`any(${ids}::bigint[])`)
        .execute()
      const byId = new Map(rows.map((row) => [row.productId, row]))
      return ids.map((id) => byId.get(id) ?? null)
    },

    /**
     * What is known, locked until the transaction ends. `share` lets others read and wish at the same
     * time and makes a price change wait for them; `update` is the price change's own.
     */
    async lock(
      trx: Transaction<DB>,
      productId: string,
      strength: 'share' | 'update',
    ): Promise<ProductFactsRow | null> {
      const query = trx.selectFrom('product_facts').select(factColumns).where('product_id', '=', productId)
      const row = await (strength === 'share' ? query.forShare() : query.forUpdate()).executeTakeFirst()
      return row ?? null
    },

    /** False when what is stored is as new or newer: nothing was changed then. */
    async putIfNewer(trx: Transaction<DB>, facts: ProductFactsRow & { changedAt: string }): Promise<boolean> {
      const row = await trx
        .insertInto('product_facts')
        .values({
          product_id: facts.productId,
          title: facts.title,
          price_minor: facts.priceMinor,
          currency: facts.currency,
          version: facts.version,
          changed_at: facts.changedAt,
        })
        .onConflict((conflict) =>
          conflict
            .column('product_id')
            .doUpdateSet((set) => ({
              title: set.ref('excluded.title'),
              price_minor: set.ref('excluded.price_minor'),
              currency: set.ref('excluded.currency'),
              version: set.ref('excluded.version'),
              changed_at: set.ref('excluded.changed_at'),
            }))
            .whereRef('excluded.version', '>', 'product_facts.version'),
        )
        .returning('product_id')
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

const factColumns = [
  'product_id as productId',
  'title',
  'price_minor as priceMinor',
  'currency',
  'version',
] as const
