import { aligned } from '@freshet/database'
import type { Money } from '@freshet/subgraph'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { DB, Products } from '../generated/db.ts'

export interface ProductAttribute {
  name: string
  value: string
}

interface ProductImage {
  url: string
  alt: string
  width: number
  height: number
}

/** A product as the cache holds it: plain JSON, so times are ISO 8601 strings. */
export interface ProductRow {
  id: string
  sellerId: string
  title: string
  description: string
  brandId: string | null
  categoryId: string
  price: Money
  attributes: ProductAttribute[]
  images: ProductImage[]
  available: number
  createdAt: string
  updatedAt: string
  version: number
}

export type ProductRepository = ReturnType<typeof createProductRepository>

/** Every column of {@link ProductRow}; for `returning` too. */
export const productColumns = [
  'id',
  'seller_id',
  'title',
  'description',
  'brand_id',
  'category_id',
  'price_minor',
  'currency',
  'attributes',
  'images',
  'available',
  'created_at',
  'updated_at',
  'version',
] as const

export function createProductRepository(db: Kysely<DB>) {
  return {
    findByIds: async (ids: readonly string[]): Promise<(ProductRow | null)[]> => {
      const rows = await db
        .selectFrom('products')
        .select(productColumns)
        .where('id', '=', sql<string>`any(${ids}::bigint[])`)
        .execute()
      return aligned(ids, rows.map(toProduct), (row) => row.id)
    },
  }
}

type Stored = Pick<Selectable<Products>, (typeof productColumns)[number]>

export function toProduct(row: Stored): ProductRow {
  return {
    id: row.id,
    sellerId: row.seller_id,
    title: row.title,
    description: row.description,
    brandId: row.brand_id,
    categoryId: row.category_id,
    price: { amount: row.price_minor, currency: row.currency },
    attributes: row.attributes as unknown as ProductAttribute[],
    images: row.images as unknown as ProductImage[],
    available: row.available,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  }
}
