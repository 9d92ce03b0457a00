import { decodeCursor } from '@freshet/database'
import { badUserInput, boundedInt, boundedText, decodeId, maxAmount, pageArguments } from '@freshet/subgraph'
import type { ProductFilter, QueryProductsArgs } from '../generated/graphql.ts'
import { listingOrders } from './listing.repository.ts'
import { type ListingFilter, type ListingRequest, noFilter } from './listing.request.ts'

/**
 * What a client asks of a list of products, checked.
 * @param categoryId the category whose list it is, or null for the shop's: then the filter's category is the list's
 * @throws GraphQLError `BAD_USER_INPUT` naming the argument, InvalidCursorError
 */
export function listingRequest(args: QueryProductsArgs, categoryId: string | null): ListingRequest {
  const sort = args.sort ?? 'POPULARITY_DESC'
  const page = pageArguments(args)
  for (const argument of ['after', 'before'] as const) {
    const cursor = page[argument]
    if (cursor != null) decodeCursor(listingOrders[sort], cursor, argument)
  }
  const filter = listingFilter(args.filter ?? {})
  const { alsoInCategoryId: filtered } = filter
  if (categoryId !== null && filtered !== categoryId) return { categoryId, filter, sort, page }
  return { categoryId: categoryId ?? filtered, filter: { ...filter, alsoInCategoryId: null }, sort, page }
}

function listingFilter(input: ProductFilter): ListingFilter {
  const { categoryId, brandIds, inStock, sellerId, attributes, search } = input
  const [from, to] = [price(input.minPrice, 'filter.minPrice'), price(input.maxPrice, 'filter.maxPrice')]
  if (from !== null && to !== null && from > to) {
    throw badUserInput('filter.minPrice', '`filter.minPrice` must not be above `filter.maxPrice`')
  }
  return {
    ...noFilter,
    alsoInCategoryId: categoryId == null ? null : decodeId('Category', categoryId, 'filter.categoryId'),
    brandIds: distinct(
      bounded(brandIds ?? [], 'filter.brandIds', 50).map((id, index) =>
        decodeId('Brand', id, `filter.brandIds[${index}]`),
      ),
    ),
    minPrice: from,
    maxPrice: to,
    inStock: inStock ?? null,
    sellerId: sellerId == null ? null : decodeId('User', sellerId, 'filter.sellerId'),
    attributes: attributeFilters(attributes ?? []),
    search: searchText(search),
  }
}

function price(value: number | null | undefined, argument: string): number | null {
  return value == null ? null : boundedInt(value, { argument, min: 0, max: maxAmount })
}

function attributeFilters(attributes: NonNullable<ProductFilter['attributes']>) {
  return bounded(attributes, 'filter.attributes', 10)
    .map(({ name, values }, index) => {
      const argument = `filter.attributes[${index}]`
      if (values.length === 0) throw badUserInput(`${argument}.values`, `\`${argument}.values\` is empty`)
      return {
        name: boundedText(name, { argument: `${argument}.name`, min: 1, max: 60 }),
        values: distinct(
          bounded(values, `${argument}.values`, 20).map((value, position) =>
            boundedText(value, { argument: `${argument}.values[${position}]`, min: 1, max: 200 }),
          ),
        ),
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** White space makes no difference to a search, and nothing else is no search. */
function searchText(search: string | null | undefined): string | null {
  if (search == null) return null
  const bounds = { argument: 'filter.search', max: 200 }
  const given = boundedText(search, bounds)
  // Composing makes up to three characters of one.
  const text = boundedText(given.normalize('NFC'), bounds)
  return text.replace(/\s+/gu, ' ').trim() || null
}

function bounded<Item>(items: readonly Item[], argument: string, max: number): readonly Item[] {
  if (items.length <= max) return items
  throw badUserInput(argument, `\`${argument}\` must have at most ${max} entries`)
}

/** Sorted, so that filters that mean the same are cached as the same. */
function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}
