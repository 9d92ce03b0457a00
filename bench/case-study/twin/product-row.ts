import type { Context } from './context.ts'

/** A product as it is stored. */
export interface ProductRow {
  id: string
  seller_id: string
  brand_id: string | null
  category_id: string
  title: string
  description: string
  price_minor: number
  currency: string
  available: number
  created_at: Date
  updated_at: Date
  version: number
}

export async function findProduct(db: Context['db'], id: string): Promise<ProductRow | null> {
  const { rows } = await db.query<ProductRow>('select * from products where id = $1', [id])
  return rows[0] ?? null
}
