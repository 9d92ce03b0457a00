import { readFileSync } from 'node:fs'

/** What clients do, and how often, in per cent: the shape of a shop's day, with 5 % writes. */
export const MIX = {
  productPage: 45,
  listing: 20,
  home: 10,
  search: 10,
  profile: 6,
  dashboard: 4,
  track: 4,
  setPrice: 1,
} as const

export type Endpoint = keyof typeof MIX

export const ENDPOINTS = Object.keys(MIX) as Endpoint[]

/** Where one answer is made of many rows: what the case study is about. */
export const HEAVY: readonly Endpoint[] = ['listing', 'home', 'search', 'dashboard']
/** Pages of products. */
export const LISTS: readonly Endpoint[] = ['listing', 'search']

export const LABELS: Record<Endpoint, string> = {
  productPage: 'product page',
  listing: 'category listing',
  home: 'home page',
  search: 'search',
  profile: 'profile',
  dashboard: 'dashboard',
  track: 'track (write)',
  setPrice: 'set price (write)',
}

const OPERATIONS: Record<Endpoint, string> = {
  productPage: 'ProductPage',
  listing: 'CategoryListing',
  home: 'HomePage',
  search: 'ProductList',
  profile: 'Me',
  dashboard: 'Dashboard',
  track: 'Track',
  setPrice: 'SetPrice',
}

/** The text that a client sends: the same for both sides. */
export const documentOf = (endpoint: Endpoint): string =>
  readFileSync(new URL(`../../../e2e/operations/${OPERATIONS[endpoint]}.graphql`, import.meta.url), 'utf8')
