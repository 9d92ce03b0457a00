import { aligned } from '@freshet/database'
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { DB, ProductFacts } from '../generated/db.ts'

/** What this service remembers of a product, as of the newest version that it was told of. */
export interface ProductFactsRow {
  readonly productId: string
  readonly title: string
  readonly priceMinor: number
  readonly currency: string
  readonly version: string
}

/** As it is stored: with the time of the change, which nobody reads. */
type NewProductFacts = ProductFactsRow & { readonly changedAt: string }

/** The column of each value. One without an entry does not compile: reading and writing go by this list alone. */
const columns = {
  productId: 'product_id',
  title: 'title',
  priceMinor: 'price_minor',
  currency: 'currency',
  version: 'version',
  changedAt: 'changed_at',
} as const satisfies Record<keyof NewProductFacts, keyof ProductFacts>

const names = Object.keys(columns) as (keyof NewProductFacts)[]
const factColumns = names
  .filter((name) => name !== 'changedAt')
  .map((name) => `${columns[name]} as ${name}` as const)

function toColumns<Value>(write: (name: keyof NewProductFacts) => Value): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [columns[name], write(name)]))
}

export type ProductFactsRepository = ReturnType<typeof createProductFactsRepository>

export function createProductFactsRepository(db: Kysely<DB>) {
  return {
    /** One statement, in the order asked for; null for products that no event has told of. */
    findByIds: async (ids: readonly string[]): Promise<(ProductFactsRow | null)[]> => {
      const rows = await db
        .selectFrom('product_facts')
        .select(factColumns)
        .$castTo<ProductFactsRow>()
        .where('product_id', '=', sql<string>`any(${ids}::bigint[])`)
        .execute()
      return aligned(ids, rows, (row) => row.productId)
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
      const query = trx
        .selectFrom('product_facts')
        .select(factColumns)
        .$castTo<ProductFactsRow>()
        .where('product_id', '=', productId)
      const row = await (strength === 'share' ? query.forShare() : query.forUpdate()).executeTakeFirst()
      return row ?? null
    },

    /** False when what is stored is as new or newer: nothing was changed then. */
    async putIfNewer(trx: Transaction<DB>, facts: NewProductFacts): Promise<boolean> {
      const row = await trx
        .insertInto('product_facts')
        .values(toColumns((name) => facts[name]) as Insertable<ProductFacts>)
        .onConflict((conflict) =>
          conflict
            .column('product_id')
            .doUpdateSet((set) => toColumns((name) => set.ref(`excluded.${columns[name]}`)))
            .whereRef('excluded.version', '>', 'product_facts.version'),
        )
        .returning('product_id')
        .executeTakeFirst()
      return row !== undefined
    },
  }
}
