import { encodeCursor } from '@freshet/database'
import { type Kysely, sql } from 'kysely'
import { createRecentlyViewedRepository } from '../../services/analytics/src/activity/recently-viewed.repository.ts'
import { createDashboardRepository } from '../../services/analytics/src/dashboard/dashboard.repository.ts'
import { createProductStatsRepository } from '../../services/analytics/src/product-stats/product-stats.repository.ts'
import { createTrendingRepository } from '../../services/analytics/src/trending/trending.repository.ts'
import { createFacetsRepository } from '../../services/catalog/src/listing/facets.repository.ts'
import type { PlannedFilter } from '../../services/catalog/src/listing/listing.query.ts'
import {
  createListingRepository,
  listingOrders,
} from '../../services/catalog/src/listing/listing.repository.ts'
import { type ListingSort, noFilter } from '../../services/catalog/src/listing/listing.request.ts'
import { createSearchRepository } from '../../services/catalog/src/listing/search.repository.ts'
import { createProductRepository } from '../../services/catalog/src/product/product.repository.ts'
import type { Samples } from './samples.ts'

/** One thing that a client waits for, or that is done every so often. */
export interface Query {
  name: string
  service: 'catalog' | 'analytics'
  run: () => Promise<unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: each repository knows a schema of its own.
type Databases = Record<Query['service'], Kysely<any>>

const plain: PlannedFilter = { ...noFilter, search: null }
const PAGE = 20

const SORTS: [sort: ListingSort, by: string, column: keyof Samples['middle']][] = [
  ['POPULARITY_DESC', 'popularity', 'popularity'],
  ['PRICE_ASC', 'price, rising', 'price_minor'],
  ['PRICE_DESC', 'price, falling', 'price_minor'],
  ['NEWEST', 'age', 'created_at'],
  ['TITLE_ASC', 'title', 'title'],
]

/**
 * What the service recomputes by itself, and what some of the queries read. Where the service runs, it leaves the lists alone
 * until the meter is closed; each counts as one that was never recomputed, so that it is due whenever it is measured.
 */
export async function fillLists(
  db: Databases['analytics'],
  { today }: Pick<Samples, 'today'>,
): Promise<void> {
  const trending = createTrendingRepository(db)
  for (const list of ['DAY', 'WEEK', 'MONTH', 'CATEGORIES'] as const) {
    // A refresh skips what another process is at: this one waits for it.
    await sql`select pg_advisory_xact_lock(hashtext(${`refresh:${list}`}))`.execute(db)
    await sql`delete from refreshes where name = ${list}`.execute(db)
    await trending.refresh(list, endOf(today))
    await sql`delete from refreshes where name = ${list}`.execute(db)
  }
}

const endOf = (day: string) => new Date(`${day}T23:00:00Z`)

export function queriesOf(databases: Databases, samples: Samples): Query[] {
  return [...catalogQueries(databases.catalog, samples), ...analyticsQueries(databases.analytics, samples)]
}

function catalogQueries(db: Databases['catalog'], samples: Samples): Query[] {
  const listings = createListingRepository(db)
  const facets = createFacetsRepository(db)
  const searches = createSearchRepository(db)
  const { categoryId } = samples
  const page = (
    filter: Partial<PlannedFilter>,
    sort: ListingSort = 'POPULARITY_DESC',
    of: string | null = categoryId,
  ) => listings.findPages([of], { ...plain, ...filter }, sort, { first: PAGE })
  const search = async (text: string) =>
    page({ search: await searches.findPlan(text) }, 'POPULARITY_DESC', null)
  const cursor = (sort: ListingSort, column: keyof Samples['middle']) =>
    encodeCursor(listingOrders[sort], samples.middle[column])

  const named: Record<string, () => Promise<unknown>> = {}
  for (const [sort, by, column] of SORTS) {
    named[`category by ${by}`] = () => page({}, sort)
    named[`category by ${by}, from its middle`] = () =>
      listings.findPages([categoryId], plain, sort, { first: PAGE, after: cursor(sort, column) })
  }
  Object.assign(named, {
    'category by popularity, back from its middle': () =>
      listings.findPages([categoryId], plain, 'POPULARITY_DESC', {
        last: PAGE,
        before: cursor('POPULARITY_DESC', 'popularity'),
      }),
    'category by popularity, its last page': () =>
      listings.findPages([categoryId], plain, 'POPULARITY_DESC', { last: PAGE }),
    'whole shop by title': () => page({}, 'TITLE_ASC', null),
    'filter by attribute': () => page({ attributes: [samples.attribute] }),
    'filter by attribute, whole shop': () =>
      page({ attributes: [samples.attribute] }, 'POPULARITY_DESC', null),
    'filter by price': () => page({ minPrice: 5_000, maxPrice: 6_000 }),
    'filter by a price that hardly any has': () => page({ minPrice: 400_000 }),
    'filter by brand': () => page({ brandIds: [samples.brandId] }),
    'filter by seller': () => page({ sellerId: samples.sellerId }),
    'filter by stock': () => page({ inStock: false }),
    'filter by brand, price, attribute and stock': () =>
      page({ brandIds: [samples.brandId], minPrice: 1_000, attributes: [samples.attribute], inStock: true }),
    facets: () => facets.find([categoryId], plain),
    'facets, filtered by attribute': () =>
      facets.find([categoryId], { ...plain, attributes: [samples.attribute] }),
    count: () => listings.count([categoryId], plain),
    'count, filtered by attribute': () =>
      listings.count([categoryId], { ...plain, attributes: [samples.attribute] }),
    'search, a frequent word': () => search('kestrel'),
    'search, rare words': () => search(samples.rareWords),
    'search, a misspelled word': () => search('kestrl'),
    'search, two misspelled words': () => search('kestrl windbraeks'),
    'search, no such word': () => search('qwrtzpsdfg'),
    'related products of 20': () =>
      listings.findPages(samples.leafIds, plain, 'POPULARITY_DESC', { first: 13 }),
    '20 products by id': () => createProductRepository(db).findByIds(samples.productIds),
  })
  return Object.entries(named).map(([name, run]) => ({ name, run, service: 'catalog' }))
}

function analyticsQueries(db: Databases['analytics'], samples: Samples): Query[] {
  const { today, sellerId, largestSellerId, productIds, userId } = samples
  const trending = createTrendingRepository(db)
  const dashboard = createDashboardRepository(db)
  const now = endOf(today)
  const named: Record<string, () => Promise<unknown>> = {
    'statistics of 20 products': () => createProductStatsRepository(db).findByProductIds(productIds, today),
    'trending list': () => trending.findLists(['DAY']),
    'trend ranks of 20 products': () => trending.findRanks(productIds),
    'top products of 20 categories': () => trending.findTopByCategories(samples.leafIds, 6),
    'recently viewed': () => createRecentlyViewedRepository(db).findByUserIds([userId]),
    'dashboard, 100 products': () => dashboard.findMany([{ sellerId, days: 30 }], today),
    'dashboard, the largest seller': () =>
      dashboard.findMany([{ sellerId: largestSellerId, days: 30 }], today),
    'day’s list recomputed (every 5 s)': () => trending.refresh('DAY', now),
    'month’s list recomputed (every minute)': () => trending.refresh('MONTH', now),
    'categories’ lists recomputed (every minute)': () => trending.refresh('CATEGORIES', now),
  }
  return Object.entries(named).map(([name, run]) => ({ name, run, service: 'analytics' }))
}
