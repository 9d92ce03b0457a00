import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

/** What has happened to one product; counts of events, times in UTC. */
export interface ProductStatsRow {
  productId: string
  views: number
  cartAdds: number
  purchases: number
  /** Of `today` and the 6 days before it. */
  viewsLast7Days: number
  /** RFC 3339; null before the first event. */
  lastActivityAt: string | null
}

export interface ProductStatsRepository {
  /** In the order of `productIds`; a product without activity has zeros. `today` is a day of UTC: `2026-11-23`. */
  findByProductIds(productIds: readonly string[], today: string): Promise<ProductStatsRow[]>
}

export function createProductStatsRepository(db: Kysely<DB>): ProductStatsRepository {
  return {
    async findByProductIds(productIds, today) {
      const { rows } = await sql<ProductStatsRow>`
        select p.product_id as "productId",
          coalesce(s.views, 0)::integer as views,
          coalesce(s.cart_adds, 0)::integer as "cartAdds",
          coalesce(s.purchases, 0)::integer as purchases,
          coalesce(week.views, 0)::integer as "viewsLast7Days",
          to_char(s.last_activity_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastActivityAt"
        from unnest(${[...productIds]}::bigint[]) with ordinality as p (product_id, position)
        left join product_stats s using (product_id)
        left join lateral (
          select sum(d.views) as views from product_stats_daily d
          where d.product_id = p.product_id and d.day > ${today}::date - 7 and d.day <= ${today}::date
        ) week on true
        order by p.position
      `.execute(db)
      return rows
    },
  }
}
