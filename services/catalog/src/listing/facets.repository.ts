import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'
import { listingQuery, type PlannedFilter } from './listing.query.ts'
import { categoryOf, countLimit, parents } from './listing.repository.ts'

/** What a listing could be narrowed by. */
export interface ListingFacets {
  brands: { brandId: string; count: number }[]
  currency: string | null
  /** Minor units; `to` is exclusive, null at the open end. */
  prices: { from: number; to: number | null; count: number }[]
}

/** Where price ranges begin: round figures, a little more than doubling. */
const ladder = [0, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000]

const brandLimit = 20

export type FacetsRepository = ReturnType<typeof createFacetsRepository>

export function createFacetsRepository(db: Kysely<DB>) {
  return {
    /** The facets of each of these categories' listings (null: the shop's), over their most popular products. */
    async find(categoryIds: readonly (string | null)[], filter: PlannedFilter): Promise<ListingFacets[]> {
      const matched = listingQuery(db, categoryOf(categoryIds), filter)
        .select(['listing.brand_id', 'listing.price_minor', 'listing.currency'])
        .orderBy('listing.popularity', 'desc')
        .orderBy('listing.id', 'desc')
        .limit(countLimit)
      const { rows } = await sql<Found>`
        select facet.brands, facet.currency, facet.prices from ${parents(categoryIds)}
        cross join lateral (
          with matched as materialized (${matched}),
          brand as (
            select brand_id::text as id, count(*)::integer as count from matched where brand_id is not null
            group by brand_id order by count(*) desc, brand_id limit ${brandLimit}
          ),
          main as (select currency from matched group by currency order by count(*) desc, currency limit 1),
          price as (
            select width_bucket(price_minor, ${ladder}::integer[]) as step, count(*)::integer as count
            from matched where currency = (select currency from main) group by step
          )
          select
            (select coalesce(jsonb_agg(jsonb_build_array(id, count) order by count desc, id::bigint), '[]') from brand) as brands,
            (select currency from main) as currency,
            (select coalesce(jsonb_agg(jsonb_build_array(step, count) order by step), '[]') from price) as prices
        ) as facet
        order by parent.ordinal`.execute(db)
      return rows.map(toFacets)
    },
  }
}

interface Found {
  brands: [id: string, count: number][]
  currency: string | null
  prices: [step: number, count: number][]
}

function toFacets({ brands, currency, prices }: Found): ListingFacets {
  return {
    brands: brands.map(([brandId, count]) => ({ brandId, count })),
    currency,
    prices: prices.map(([step, count]) => ({ from: ladder[step - 1] ?? 0, to: ladder[step] ?? null, count })),
  }
}
