import { badUserInput, cachedLoader } from '@freshet/subgraph'
import type { FacetsRepository } from './facets.repository.ts'
import { type ListingCache, listingKey } from './listing.cache.ts'
import type { PlannedFilter } from './listing.query.ts'
import type { ListingPage, ListingRepository } from './listing.repository.ts'
import {
  dependenciesOf,
  digest,
  type Listing,
  type ListingFilter,
  type ListingRequest,
} from './listing.request.ts'
import type { SearchRepository } from './search.repository.ts'

/** Lists of an operation that are searched: each costs a look at all that has the words. A page of a shop has one. */
const MOST_SEARCHES = 10

/**
 * Listings asked for in the same tick that differ in the category only (the same field of many categories) are
 * read together: one statement for each distinct set of arguments, not for each category.
 */
export function createListingLoaders(
  {
    listings,
    facets,
    searches,
  }: {
    listings: ListingRepository
    facets: FacetsRepository
    searches: SearchRepository
  },
  cache: ListingCache,
  /** Lists that the operation has searched so far, by other loaders too. */
  searched: Set<string>,
) {
  const searchPlan = cachedLoader({
    entity: cache.searchPlan,
    load: (texts: readonly string[]) => Promise.all(texts.map((text) => searches.findPlan(text))),
    keyOf: digest,
    // Only batched: it goes into entries that are stored under a stamp taken just before they are loaded, and what this
    // request has seen earlier may have been invalidated since.
    remembers: false,
  })

  async function planned(filter: ListingFilter): Promise<PlannedFilter> {
    const { search } = filter
    return { ...filter, search: search === null ? null : await searchPlan.load(search) }
  }

  async function findPages(requests: readonly ListingRequest[]): Promise<ListingPage[]> {
    const shape = ({ categoryId, filter, sort, page }: ListingRequest) => [
      categoryId === null,
      filter,
      sort,
      page,
    ]
    return inGroups(requests, shape, async ([{ filter, sort, page }], categoryIds) =>
      listings.findPages(categoryIds, await planned(filter), sort, page),
    )
  }

  return {
    /** @throws GraphQLError `BAD_USER_INPUT` for one search too many */
    admit<Request extends Listing>(request: Request): Request {
      const { categoryId, filter } = request
      if (filter.search !== null && searched.add(`${categoryId} ${filter.search}`).size > MOST_SEARCHES)
        throw badUserInput('filter.search', `One operation searches at most ${MOST_SEARCHES} lists`)
      return request
    },

    page: cachedLoader({
      entity: cache.page,
      load: findPages,
      keyOf: pageKey,
      identityOf: (request) => JSON.stringify([pageKey(request), request.page]),
      // A later page is read by whoever gets that far: hardly ever twice. Only first pages (from either end) stay.
      isStored: ({ page }) => !page.after && !page.before,
    }),

    count: cachedLoader({
      entity: cache.count,
      load: (requests: readonly Listing[]) =>
        inGroups(requests, listingShape, async ([{ filter }], categoryIds) =>
          listings.count(categoryIds, await planned(filter)),
        ),
      keyOf: countKey,
    }),

    facets: cachedLoader({
      entity: cache.facets,
      load: (requests: readonly Listing[]) =>
        inGroups(requests, listingShape, async ([{ filter }], categoryIds) =>
          facets.find(categoryIds, await planned(filter)),
        ),
      keyOf: facetsKey,
    }),
  }
}

const listingShape = ({ categoryId, filter }: Listing) => [categoryId === null, filter]

function pageKey(request: ListingRequest): string {
  const { filter, sort, page } = request
  return listingKey(request, dependenciesOf(request, sort), [
    filter,
    sort,
    page.first ?? null,
    page.last ?? null,
  ])
}

function countKey(listing: Listing): string {
  return listingKey(listing, dependenciesOf(listing), listing.filter)
}

function facetsKey(listing: Listing): string {
  return listingKey(listing, { ...dependenciesOf(listing), price: true }, listing.filter)
}

/** Calls `load` once for each distinct shape, with a request of that shape and the categories of all of them. */
async function inGroups<Request extends Listing, Value>(
  requests: readonly Request[],
  shape: (request: Request) => unknown,
  load: (group: [Request, ...Request[]], categoryIds: (string | null)[]) => Promise<Value[]>,
): Promise<Value[]> {
  const groups = Map.groupBy(requests, (request) => JSON.stringify(shape(request)))
  const found = await Promise.all(
    [...groups.values()].map(async (group) => {
      const values = await load(
        group as [Request, ...Request[]],
        group.map(({ categoryId }) => categoryId),
      )
      return group.map((request, index) => [request, values[index]!] as const)
    }),
  )
  const byRequest = new Map(found.flat())
  return requests.map((request) => byRequest.get(request)!)
}
