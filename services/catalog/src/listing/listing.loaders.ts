import type { CachedEntity } from '@freshet/cache'
import DataLoader from 'dataloader'
import type { FacetsRepository, ListingFacets } from './facets.repository.ts'
import { type ListingCache, listingKey } from './listing.cache.ts'
import type { PlannedFilter, SearchMethod } from './listing.query.ts'
import type { ListingPage, ListingRepository } from './listing.repository.ts'
import {
  dependenciesOf,
  digest,
  type Listing,
  type ListingFilter,
  type ListingRequest,
} from './listing.request.ts'

/**
 * Listings asked for in the same tick that differ in the category only (the same field of many categories) are
 * read together: one statement for each distinct set of arguments, not for each category.
 */
export function createListingLoaders(
  listings: ListingRepository,
  facets: FacetsRepository,
  cache: ListingCache,
) {
  // Not remembered, only batched: it goes into entries that are stored under a stamp taken just before they are
  // loaded, and what this request has seen earlier may have been invalidated since.
  const searchMethod = new DataLoader<string, SearchMethod>(
    (texts) =>
      fromCache(cache.searchMethod, texts, digest, (missing) =>
        Promise.all(missing.map((text) => listings.findSearchMethod(text))),
      ),
    { cache: false },
  )

  async function planned(filter: ListingFilter): Promise<PlannedFilter> {
    const { search } = filter
    return {
      ...filter,
      search: search === null ? null : { text: search, by: await searchMethod.load(search) },
    }
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
    page: new DataLoader<ListingRequest, ListingPage, string>(
      async (requests) => {
        // A later page is read by whoever gets that far: hardly ever twice. Only first pages (from either end) stay.
        const first = requests.filter(({ page }) => !page.after && !page.before)
        const later = requests.filter(({ page }) => page.after || page.before)
        const [cached, read] = await Promise.all([
          fromCache(cache.page, first, pageKey, findPages),
          later.length > 0 ? findPages(later) : [],
        ])
        const found = new Map([...zip(first, cached), ...zip(later, read)])
        return requests.map((request) => found.get(request)!)
      },
      { cacheKeyFn: (request) => JSON.stringify([pageKey(request), request.page]) },
    ),

    count: new DataLoader<Listing, number, string>(
      (requests) =>
        fromCache(cache.count, requests, countKey, (missing) =>
          inGroups(missing, listingShape, async ([{ filter }], categoryIds) =>
            listings.count(categoryIds, await planned(filter)),
          ),
        ),
      { cacheKeyFn: countKey },
    ),

    facets: new DataLoader<Listing, ListingFacets, string>(
      (requests) =>
        fromCache(cache.facets, requests, facetsKey, (missing) =>
          inGroups(missing, listingShape, async ([{ filter }], categoryIds) =>
            facets.find(categoryIds, await planned(filter)),
          ),
        ),
      { cacheKeyFn: facetsKey },
    ),
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

/** Through the cache: what `load` is asked for are the requests that it does not have. */
async function fromCache<Request, Value>(
  entity: CachedEntity<Value>,
  requests: readonly Request[],
  keyOf: (request: Request) => string,
  load: (requests: Request[]) => Promise<Value[]>,
): Promise<Value[]> {
  const byKey = new Map(requests.map((request) => [keyOf(request), request]))
  const found = await entity.getMany([...byKey.keys()], (keys) => load(keys.map((key) => byKey.get(key)!)))
  const values = new Map(zip([...byKey.keys()], found))
  return requests.map((request) => values.get(keyOf(request)) as Value)
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
      return zip(group, values)
    }),
  )
  const byRequest = new Map(found.flat())
  return requests.map((request) => byRequest.get(request)!)
}

function zip<A, B>(left: readonly A[], right: readonly B[]): [A, B][] {
  return left.map((item, index) => [item, right[index]!])
}
