import { readFileSync } from 'node:fs'

/** What is known of one endpoint: all of it, so that a new one is loaded, measured, shown and compared. */
interface Traits {
  readonly label: string
  /** The document of e2e/operations. */
  readonly operation: string
  /** How often clients ask for it, in per cent. */
  readonly share: number
  /** Lists are pages of products. */
  readonly kind: 'page' | 'list' | 'write'
  /** Where one answer is made of many rows: what the case study is about. */
  readonly isHeavy: boolean
  /** How many of its requests are compared before anything is measured. */
  readonly compared: number
}

export type Endpoint =
  | 'productPage'
  | 'listing'
  | 'home'
  | 'search'
  | 'profile'
  | 'dashboard'
  | 'track'
  | 'setPrice'

/** What clients do: the shape of a shop's day, with 5 % writes. */
export const TRAITS: Readonly<Record<Endpoint, Traits>> = {
  productPage: {
    label: 'product page',
    operation: 'ProductPage',
    share: 45,
    kind: 'page',
    isHeavy: false,
    compared: 12,
  },
  listing: {
    label: 'category listing',
    operation: 'CategoryListing',
    share: 20,
    kind: 'list',
    isHeavy: true,
    compared: 15,
  },
  home: { label: 'home page', operation: 'HomePage', share: 10, kind: 'page', isHeavy: true, compared: 3 },
  search: { label: 'search', operation: 'ProductList', share: 10, kind: 'list', isHeavy: true, compared: 8 },
  profile: { label: 'profile', operation: 'Me', share: 6, kind: 'page', isHeavy: false, compared: 4 },
  dashboard: {
    label: 'dashboard',
    operation: 'Dashboard',
    share: 4,
    kind: 'page',
    isHeavy: true,
    compared: 4,
  },
  track: { label: 'track (write)', operation: 'Track', share: 4, kind: 'write', isHeavy: false, compared: 3 },
  setPrice: {
    label: 'set price (write)',
    operation: 'SetPrice',
    share: 1,
    kind: 'write',
    isHeavy: false,
    compared: 3,
  },
}

export const ENDPOINTS = Object.keys(TRAITS) as Endpoint[]

/** The part of all requests that ask for it. */
export const shareOf = (endpoint: Endpoint): number =>
  TRAITS[endpoint].share / ENDPOINTS.reduce((sum, one) => sum + TRAITS[one].share, 0)

/** The text that a client sends: the same for both sides. */
export const documentOf = (endpoint: Endpoint): string =>
  readFileSync(
    new URL(`../../../e2e/operations/${TRAITS[endpoint].operation}.graphql`, import.meta.url),
    'utf8',
  )
