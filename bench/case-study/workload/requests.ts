import { randomUUID } from 'node:crypto'
import { createZipf, type Random } from '@freshet/seed'
import { encodeId } from '../twin/ids.ts'
import { documentOf, ENDPOINTS, type Endpoint, shareOf } from './endpoints.ts'
import type { Shop } from './shop.ts'

/** One request as a client sends it. */
export interface Request {
  readonly endpoint: Endpoint
  readonly variables: Readonly<Record<string, unknown>>
  readonly body: string
  readonly token: string | null
}

/** By category's slug, the `after` of the pages behind the first: all that differs between the two sides. */
export type Cursors = Readonly<Record<string, readonly string[]>>

/** How many products a page shows. */
export const PAGE = 24

/** How steeply attention falls from one rank to the next: as in the seed, for products. */
const STEEPNESS = { products: 1.05, others: 0.8 }

const SORTS = ['PRICE_ASC', 'PRICE_DESC', 'NEWEST', 'TITLE_ASC']
const PRICE_RANGES = [
  { maxPrice: 2_499 },
  { minPrice: 2_500, maxPrice: 9_999 },
  { minPrice: 10_000, maxPrice: 49_999 },
  { minPrice: 50_000 },
]
/** One list of so many is narrowed down. */
const NARROWED = 3

/** Draws requests: which endpoint by the mix, of what by popularity (Zipf). */
export function createRequests(shop: Shop, cursors: Cursors, random: Random) {
  const documents = Object.fromEntries(
    ENDPOINTS.map((endpoint) => [endpoint, documentOf(endpoint)]),
  ) as Record<Endpoint, string>
  const popular = <One>(ones: readonly One[], steepness = STEEPNESS.others) => {
    const zipf = createZipf(ones.length, steepness)
    return () => ones[zipf.draw(random)]!
  }
  const product = popular(shop.products, STEEPNESS.products)
  const category = popular(shop.categories)
  const brand = popular(shop.brands)
  const words = popular(shop.searches)
  const seller = popular(shop.sellers)
  const member = popular(shop.members)

  const variables: Record<Endpoint, () => [Record<string, unknown>, token: string | null]> = {
    productPage: () => [{ id: encodeId('Product', product().id) }, null],
    listing: () => [listing(), null],
    search: () => [search(), null],
    home: () => [{}, random.chance(0.2) ? member().token : null],
    profile: () => [{}, member().token],
    dashboard: () => {
      const { id, token } = seller()
      return [{ sellerId: encodeId('User', id), days: 30 }, token]
    },
    track: () => {
      const kind = random.pick([
        'VIEW',
        'VIEW',
        'VIEW',
        'VIEW',
        'VIEW',
        'VIEW',
        'VIEW',
        'CART_ADD',
        'PURCHASE',
      ])
      const event = { id: randomUUID(), kind, productId: encodeId('Product', product().id), quantity: 1 }
      return [{ input: { events: [event] } }, random.chance(0.4) ? member().token : null]
    },
    setPrice: () => {
      const { id, priceMinor, currency } = product()
      const price = { amount: Math.max(1, Math.round(priceMinor * (0.8 + 0.4 * random.unit()))), currency }
      return [{ input: { productId: encodeId('Product', id), price } }, shop.admin.token]
    },
  }

  const filters: (() => Record<string, unknown>)[] = [
    () => random.pick(PRICE_RANGES),
    () => ({ brandIds: [encodeId('Brand', brand())] }),
    () => ({ inStock: true }),
    () => ({ sellerId: encodeId('User', seller().id) }),
    () => ({ categoryId: encodeId('Category', category().id) }),
  ]
  // In turn, and not drawn: so that a few requests, as they are compared, have all kinds.
  const drawn = { listings: 0, searches: 0 }

  /** Most look at the first page by popularity; some filter, some sort, some go on. */
  function listing(): Record<string, unknown> {
    const { slug } = category()
    const after = cursors[slug]
    const sort = random.chance(0.3) ? random.pick(SORTS) : 'POPULARITY_DESC'
    const index = drawn.listings++
    if (index % NARROWED === NARROWED - 1) {
      const filter = filters[Math.floor(index / NARROWED) % filters.length]!()
      return { slug, first: PAGE, sort, filter }
    }
    const goesOn = after !== undefined && after.length > 0 && random.chance(0.3)
    if (goesOn) return { slug, first: PAGE, after: random.pick(after) }
    return { slug, first: PAGE, sort }
  }

  /** Most in the whole shop, some in a category. */
  function search(): Record<string, unknown> {
    const filter = { search: words() }
    if (drawn.searches++ % NARROWED !== NARROWED - 1) return { first: PAGE, filter }
    return { first: PAGE, filter: { ...filter, categoryId: encodeId('Category', category().id) } }
  }

  function anyEndpoint(): Endpoint {
    let left = random.unit()
    for (const endpoint of ENDPOINTS) {
      left -= shareOf(endpoint)
      if (left < 0) return endpoint
    }
    return 'productPage'
  }

  return (endpoint: Endpoint = anyEndpoint()): Request => {
    const [values, token] = variables[endpoint]()
    const body = JSON.stringify({ query: documents[endpoint], variables: values })
    return { endpoint, variables: values, body, token }
  }
}
