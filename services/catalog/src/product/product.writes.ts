import type { Money } from '@freshet/subgraph'
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { DB, Products, Variants } from '../generated/db.ts'
import { type ProductAttribute, type ProductRow, productColumns, toProduct } from './product.repository.ts'

type Trx = Transaction<DB>

/** The columns of a product that a change may set. */
export interface ProductPatch {
  title?: string
  description?: string
  brandId?: string | null
  categoryId?: string
  attributes?: ProductAttribute[]
  price?: Money
  available?: number
}

export interface NewVariant {
  sku: string
  title: string
  price: Money
  available: number
}

export interface NewProduct {
  sellerId: string
  title: string
  description: string
  brandId: string | null
  categoryId: string
  price: Money
  attributes: ProductAttribute[]
  variants: NewVariant[]
}

/** What each property is written to. One without an entry does not compile, so that none is lost or misnamed. */
const productWrites = {
  sellerId: (sellerId) => ({ seller_id: sellerId }),
  title: (title) => ({ title }),
  description: (description) => ({ description }),
  brandId: (brandId) => ({ brand_id: brandId }),
  categoryId: (categoryId) => ({ category_id: categoryId }),
  attributes: (attributes) => ({ attributes: JSON.stringify(attributes) }),
  price: priceColumns,
  available: (available) => ({ available }),
  variants: (variants) => ({ available: variants.reduce((sum, { available }) => sum + available, 0) }),
} satisfies Writes<NewProduct & Required<ProductPatch>, Products>

const variantWrites = {
  sku: (sku) => ({ sku }),
  title: (title) => ({ title }),
  price: priceColumns,
  available: (available) => ({ available }),
} satisfies Writes<NewVariant, Variants>

type Writes<Values, Table> = {
  [Name in keyof Values]: (value: Values[Name]) => Partial<Insertable<Table>>
}

function priceColumns({ amount, currency }: Money) {
  return { price_minor: amount, currency }
}

/** The columns of the values that are given; undefined is not. */
function columnsOf<Values, Table>(
  writes: Writes<Values, Table>,
  values: Partial<Values>,
): Partial<Insertable<Table>> {
  const columns: Partial<Insertable<Table>> = {}
  for (const name of Object.keys(writes) as (keyof Values)[]) {
    const value = values[name]
    if (value !== undefined) Object.assign(columns, writes[name](value))
  }
  return columns
}

/** The product, held against other changes until the transaction ends; null if there is none. */
export async function lockProduct(trx: Trx, id: string): Promise<ProductRow | null> {
  const row = await trx
    .selectFrom('products')
    .select(productColumns)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row ? toProduct(row) : null
}

/** Writes the patch and counts the version up. */
export async function patchProduct(trx: Trx, id: string, patch: ProductPatch): Promise<ProductRow> {
  const row = await trx
    .updateTable('products')
    .set({
      ...columnsOf(productWrites, patch),
      version: sql<number>`version + 1`,
      // Not now(), the transaction's beginning: after a wait for the lock it may lie before the last change.
      updated_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .returning(productColumns)
    .executeTakeFirstOrThrow()
  return toProduct(row)
}

/** A product with its variants, in the order given. A taken SKU breaks the constraint `variants_sku_key`. */
export async function insertProduct(trx: Trx, product: NewProduct): Promise<ProductRow> {
  const row = await trx
    .insertInto('products')
    // A whole product, so what must be there is: its properties are not optional.
    .values(columnsOf(productWrites, product) as Insertable<Products>)
    .returning(productColumns)
    .executeTakeFirstOrThrow()
  const values = product.variants.map((variant, position) => ({
    ...(columnsOf(variantWrites, variant) as Insertable<Variants>),
    product_id: row.id,
    position,
  }))
  await trx.insertInto('variants').values(values).execute()
  return toProduct(row)
}

/** Those of the SKUs that some variant has already. */
export async function findTakenSkus(db: Kysely<DB>, skus: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('variants')
    .select('sku')
    .where('sku', '=', sql<string>`any(${skus}::text[])`)
    .execute()
  return rows.map((row) => row.sku)
}

/** Whether some variant of the product does not cost what the product costs. */
export async function hasOwnPrices(trx: Trx, product: ProductRow): Promise<boolean> {
  const row = await trx
    .selectFrom('variants')
    .select('id')
    .where('product_id', '=', product.id)
    .where('price_minor', '<>', product.price.amount)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Gives the new price to the variants that cost what the product cost. */
export async function repriceVariants(trx: Trx, { id, price: old }: ProductRow, price: Money): Promise<void> {
  await trx
    .updateTable('variants')
    .set({ price_minor: price.amount, currency: price.currency })
    .where('product_id', '=', id)
    .where('price_minor', '=', old.amount)
    .execute()
}

/** Whose variant this is; it never moves to another product. */
export async function findVariantProduct(db: Kysely<DB>, variantId: string): Promise<string | null> {
  const row = await db
    .selectFrom('variants')
    .select('product_id')
    .where('id', '=', variantId)
    .executeTakeFirst()
  return row?.product_id ?? null
}

/** Read it after {@link lockProduct} only: every change of stock holds the product's lock. */
export async function findAvailable(trx: Trx, variantId: string): Promise<number> {
  const { available } = await trx
    .selectFrom('variants')
    .select('available')
    .where('id', '=', variantId)
    .executeTakeFirstOrThrow()
  return available
}

export async function setAvailable(trx: Trx, variantId: string, available: number): Promise<void> {
  await trx.updateTable('variants').set({ available }).where('id', '=', variantId).execute()
}

/** From the root down to the category itself; null if there is no such category. */
export async function findCategoryPath(trx: Trx, categoryId: string): Promise<string[] | null> {
  const row = await trx
    .selectFrom('categories')
    .select('path_ids')
    .where('id', '=', categoryId)
    .executeTakeFirst()
  return row?.path_ids ?? null
}

export async function isBrand(trx: Trx, brandId: string): Promise<boolean> {
  const row = await trx.selectFrom('brands').select('id').where('id', '=', brandId).executeTakeFirst()
  return row !== undefined
}
