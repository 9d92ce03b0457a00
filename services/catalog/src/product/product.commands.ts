import { isDeepStrictEqual } from 'node:util'
import { violatedConstraint } from '@freshet/database'
import type { Viewer } from '@freshet/http'
import { type Money, userError, type Written } from '@freshet/subgraph'
import { isSameMoney } from '../money.ts'
import {
  type Changed,
  type ChangeParts,
  changeProduct,
  type Edit,
  eventOf,
  refuse,
} from './product.change.ts'
import {
  findAvailable,
  findCategoryPath,
  findTakenSkus,
  findVariantProduct,
  hasOwnPrices,
  insertProduct,
  isBrand,
  type NewProduct,
  type ProductPatch,
  repriceVariants,
  setAvailable,
} from './product.writes.ts'

/** A variant never has more; so a product's hundred never exceed what GraphQL's Int can say. */
const maxAvailable = 1_000_000

export type ProductCommands = ReturnType<typeof createProductCommands>

/** What can be done to products. Inputs have been checked for their form; whether they are allowed is decided here. */
export function createProductCommands(parts: ChangeParts) {
  return {
    async create(viewer: Viewer, input: Omit<NewProduct, 'sellerId'>): Promise<Changed> {
      if (!viewer.roles.includes('SELLER') && !viewer.roles.includes('ADMIN')) {
        return { refused: userError('FORBIDDEN', 'Only sellers put products on sale') }
      }
      const repeated = input.variants.findIndex(
        ({ sku }, index) => input.variants.findIndex((v) => v.sku === sku) < index,
      )
      if (repeated !== -1) return taken(repeated)
      const foreign = input.variants.findIndex(({ price }) => price.currency !== input.price.currency)
      if (foreign !== -1) {
        const path = ['input', 'variants', String(foreign), 'price', 'currency']
        return {
          refused: userError(
            'CURRENCY_MISMATCH',
            `The product's price is in ${input.price.currency}`,
            ...path,
          ),
        }
      }
      const skus = input.variants.map(({ sku }) => sku)
      try {
        return await parts.write(async (trx): Promise<Written<Changed>> => {
          const missing = await findMissing(trx, input)
          if (missing) return refuse(missing.refused)
          const [takenSku] = await findTakenSkus(trx, skus)
          if (takenSku !== undefined) return refuse(taken(skus.indexOf(takenSku)).refused)
          const product = await insertProduct(trx, { ...input, sellerId: viewer.id })
          return { result: { product }, events: [await eventOf(trx, product, { change: 'created' })] }
        })
      } catch (error) {
        // Another transaction took the SKU since it was looked up.
        if (violatedConstraint(error) !== 'variants_sku_key') throw error
        const [takenSku = skus[0]!] = await findTakenSkus(parts.db, skus)
        return taken(skus.indexOf(takenSku))
      }
    },

    async update(
      viewer: Viewer,
      { id: productId, ifVersion, patch }: { id: string; ifVersion?: number | null; patch: ProductPatch },
    ): Promise<Changed> {
      return changeProduct(parts, { viewer, productId, ifVersion, field: 'id' }, async (trx, product) => {
        const changes = Object.fromEntries(
          Object.entries(patch).filter(([name, value]) => {
            return value !== undefined && !isDeepStrictEqual(value, product[name as keyof typeof product])
          }),
        ) as ProductPatch
        if (Object.keys(changes).length === 0) return 'unchanged'
        const missing = await findMissing(trx, changes)
        if (missing) return missing
        const moved = changes.categoryId !== undefined
        const before = moved ? await findCategoryPath(trx, product.categoryId) : null
        return {
          patch: changes,
          event: { change: 'updated', ...(before && { previousCategoryIds: before }) },
        }
      })
    },

    async setPrice(
      viewer: Viewer,
      { productId, ifVersion, price }: { productId: string; ifVersion?: number | null; price: Money },
    ): Promise<Changed> {
      return changeProduct(
        parts,
        { viewer, productId, ifVersion, field: 'productId' },
        async (trx, product) => {
          if (isSameMoney(price, product.price)) return 'unchanged'
          if (price.currency !== product.price.currency && (await hasOwnPrices(trx, product))) {
            const message = `Some variants have a price of their own, in ${product.price.currency}`
            return { refused: userError('CURRENCY_MISMATCH', message, 'input', 'price', 'currency') }
          }
          await repriceVariants(trx, product, price)
          return { patch: { price }, event: { change: 'priced' } }
        },
      )
    },

    async adjustStock(
      viewer: Viewer,
      { variantId, by }: { variantId: string; by: number },
    ): Promise<Changed> {
      const productId = await findVariantProduct(parts.db, variantId)
      if (productId === null) {
        return { refused: userError('NOT_FOUND', 'There is no such variant', 'input', 'variantId') }
      }
      return changeProduct(
        parts,
        { viewer, productId, field: 'variantId' },
        async (trx, product): Promise<Edit> => {
          if (by === 0) return 'unchanged'
          const before = await findAvailable(trx, variantId)
          const after = before + by
          if (after < 0) {
            return { refused: userError('INSUFFICIENT_STOCK', `There are ${before} pieces`, 'input', 'by') }
          }
          if (after > maxAvailable) {
            const message = `There are ${before} pieces; a variant has at most ${maxAvailable.toLocaleString('en')}`
            return { refused: userError('LIMIT_REACHED', message, 'input', 'by') }
          }
          await setAvailable(trx, variantId, after)
          const available = product.available + by
          const stockFlipped = available > 0 !== product.available > 0
          return { patch: { available }, event: { change: 'restocked', stockFlipped } }
        },
      )
    },
  }
}

/** The refusal of a brand or a category that there is not. */
async function findMissing(
  trx: Parameters<typeof isBrand>[0],
  { brandId, categoryId }: Pick<ProductPatch, 'brandId' | 'categoryId'>,
) {
  if (brandId != null && !(await isBrand(trx, brandId))) {
    return { refused: userError('NOT_FOUND', 'There is no such brand', 'input', 'brandId') }
  }
  if (categoryId !== undefined && !(await findCategoryPath(trx, categoryId))) {
    return { refused: userError('NOT_FOUND', 'There is no such category', 'input', 'categoryId') }
  }
  return null
}

function taken(index: number) {
  const message = 'Another variant has this SKU already'
  return { refused: userError('TAKEN', message, 'input', 'variants', String(index), 'sku') }
}
