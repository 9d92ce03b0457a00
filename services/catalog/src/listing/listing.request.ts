import { createHash } from 'node:crypto'
import type { KeysetPageArguments } from '@freshet/database'

export type ListingSort = 'POPULARITY_DESC' | 'PRICE_ASC' | 'PRICE_DESC' | 'NEWEST' | 'TITLE_ASC'

/** Every condition must hold; null and empty ones don't filter. Lists are sorted, so that equal filters look equal. */
export interface ListingFilter {
  /** For a listing of one category: the products must be in this one too. */
  alsoInCategoryId: string | null
  brandIds: readonly string[]
  minPrice: number | null
  maxPrice: number | null
  inStock: boolean | null
  sellerId: string | null
  attributes: readonly { name: string; values: readonly string[] }[]
  search: string | null
}

/** Which products: of one category (with all below it), or of the whole shop. */
export interface Listing {
  categoryId: string | null
  filter: ListingFilter
}

/** Which of them, in which order: what a ProductConnection's fields are loaded by. */
export interface ListingRequest extends Listing {
  sort: ListingSort
  page: KeysetPageArguments
}

export const noFilter: ListingFilter = {
  alsoInCategoryId: null,
  brandIds: [],
  minPrice: null,
  maxPrice: null,
  inStock: null,
  sellerId: null,
  attributes: [],
  search: null,
}

/**
 * What an answer about a listing depends on beyond which products are listed: a change of price or stock is far
 * more frequent than any other, and leaves most listings as they are.
 */
export interface ListingDependencies {
  price: boolean
  stock: boolean
  /** A search decides by the whole shop's products whether it goes by words or by similar spelling. */
  shop: boolean
}

/** What decides, besides which products are listed, whether a product passes each filter. */
const DECIDED_BY: Record<keyof ListingFilter, keyof ListingDependencies | null> = {
  alsoInCategoryId: null,
  brandIds: null,
  minPrice: 'price',
  maxPrice: 'price',
  inStock: 'stock',
  sellerId: null,
  attributes: null,
  search: 'shop',
}

export function dependenciesOf({ filter }: Listing, sort?: ListingSort): ListingDependencies {
  const names = Object.keys(DECIDED_BY) as (keyof ListingFilter)[]
  const isDecidedBy = (aspect: keyof ListingDependencies) =>
    names.some((name) => DECIDED_BY[name] === aspect && filter[name] !== null)
  return {
    price: isDecidedBy('price') || sort === 'PRICE_ASC' || sort === 'PRICE_DESC',
    stock: isDecidedBy('stock'),
    shop: isDecidedBy('shop'),
  }
}

/** The same for equal values, short, and of no use to whoever sees it in a key. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)
}
