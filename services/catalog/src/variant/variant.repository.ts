import { aligned } from '@freshet/database'
import type { Money } from '@freshet/subgraph'
import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

export interface VariantRow {
  id: string
  productId: string
  sku: string
  title: string
  price: Money
  available: number
}

export type VariantRepository = ReturnType<typeof createVariantRepository>

export function createVariantRepository(db: Kysely<DB>) {
  const variants = db
    .selectFrom('variants')
    .select(['id', 'product_id', 'sku', 'title', 'price_minor', 'currency', 'available'])

  return {
    findByIds: async (ids: readonly string[]): Promise<(VariantRow | null)[]> => {
      const rows = await variants.where('id', '=', sql<string>`any(${ids}::bigint[])`).execute()
      return aligned(ids, rows.map(toVariant), (row) => row.id)
    },

    /** The variants of each of these products, in the seller's order. */
    findByProducts: async (productIds: readonly string[]): Promise<VariantRow[][]> => {
      const rows = await variants
        .where('product_id', '=', sql<string>`any(${productIds}::bigint[])`)
        .orderBy('product_id')
        .orderBy('position')
        .orderBy('id')
        .execute()
      const byProduct = Map.groupBy(rows.map(toVariant), (row) => row.productId)
      return productIds.map((id) => byProduct.get(id) ?? [])
    },
  }
}

interface Stored {
  id: string
  product_id: string
  sku: string
  title: string
  price_minor: number
  currency: string
  available: number
}

function toVariant({ id, product_id, sku, title, price_minor, currency, available }: Stored): VariantRow {
  return { id, productId: product_id, sku, title, price: { amount: price_minor, currency }, available }
}
