import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

/** A sum in minor units of one currency. */
export interface RevenueRow {
  amount: number
  currency: string
}

export interface DashboardDayRow {
  /** `2026-11-23` */
  date: string
  views: number
  purchases: number
  revenue: RevenueRow[]
}

export interface DashboardProductRow {
  productId: string
  title: string
  views: number
  purchases: number
}

/** A seller's figures over some days of UTC. */
export interface DashboardRow {
  sellerId: string
  views: number
  purchases: number
  revenue: RevenueRow[]
  days: DashboardDayRow[]
  /** The 100 best sellers, by purchases. */
  topProducts: DashboardProductRow[]
}

/** Which figures: `days` of UTC, the last of which is `today`. */
export interface DashboardRequest {
  sellerId: string
  days: number
}

export interface DashboardRepository {
  /** In the order of `requests`, with two statements for all of them. A seller without products has zeros. */
  findMany(requests: readonly DashboardRequest[], today: string): Promise<DashboardRow[]>
}

/** How many best sellers a dashboard keeps. */
const TOP_LENGTH = 100

export function createDashboardRepository(db: Kysely<DB>): DashboardRepository {
  return {
    async findMany(requests, today) {
      const asked = sql`
        unnest(${requests.map((one) => one.sellerId)}::bigint[], ${requests.map((one) => one.days)}::integer[])
        with ordinality as r (seller_id, days, position)`
      const isAsked = sql`day > ${today}::date - r.days and day <= ${today}::date`
      // OFFSET 0 keeps it a look-up for each product. How long the range is, is not known when this is planned: PostgreSQL
      // expects it to be short, and would read that range of every product in the shop.
      const ownDays = sql`
        select sum(own.views) as views, sum(own.purchases) as purchases from (
          select * from product_stats_daily where product_id = p.product_id and ${isAsked} offset 0
        ) own having count(*) > 0`
      const [days, top] = await Promise.all([
        sql<{ days: DashboardDayRow[] }>`
          select (
            select json_agg(json_build_object(
              'date', to_char(day, 'YYYY-MM-DD'), 'views', coalesce(c.views, 0),
              'purchases', coalesce(c.purchases, 0), 'revenue', coalesce(s.revenue, '[]')
            ) order by day)
            from (
              select generate_series(${today}::date - r.days + 1, ${today}::date, interval '1 day')::date as day
            ) all_days
            left join (
              select day, views, purchases from seller_stats_daily where seller_id = r.seller_id and ${isAsked}
            ) c using (day)
            left join (
              select day, json_agg(
                json_build_object('amount', revenue_minor, 'currency', currency) order by revenue_minor desc, currency
              ) as revenue
              from seller_revenue_daily where seller_id = r.seller_id and ${isAsked} group by day
            ) s using (day)
          ) as days
          from ${asked} order by r.position
        `.execute(db),
        // The best are among what was bought, which is little of what a seller has. Others are looked for where that is too few.
        sql<{ products: DashboardProductRow[] }>`
          select (
            with sold as materialized (
              select product_id, sum(purchases) as purchases from seller_sales_daily
              where seller_id = r.seller_id and ${isAsked} group by product_id
            ), best as (
              select product_id from sold order by purchases desc fetch first ${TOP_LENGTH} rows with ties
            ), candidates as (
              select product_id from best
              union all
              select product_id from product_facts
              where seller_id = r.seller_id and (select count(*) from best) < ${TOP_LENGTH}
                and product_id not in (select product_id from best)
            )
            select coalesce(json_agg(json_build_object(
              'productId', product_id::text, 'title', title, 'views', views, 'purchases', purchases
            ) order by purchases desc, views desc, product_id), '[]')
            from (
              select p.product_id, d.views, d.purchases from candidates p cross join lateral (${ownDays}) d
              order by d.purchases desc, d.views desc, p.product_id limit ${TOP_LENGTH}
            ) top join product_facts using (product_id)
          ) as products
          from ${asked} order by r.position
        `.execute(db),
      ])
      return requests.map(({ sellerId }, index) => {
        const own = days.rows[index]?.days ?? []
        return { sellerId, ...totals(own), days: own, topProducts: top.rows[index]?.products ?? [] }
      })
    },
  }
}

function totals(days: readonly DashboardDayRow[]): Pick<DashboardRow, 'views' | 'purchases' | 'revenue'> {
  const revenue = new Map<string, number>()
  for (const { currency, amount } of days.flatMap((day) => day.revenue))
    revenue.set(currency, (revenue.get(currency) ?? 0) + amount)
  return {
    views: days.reduce((sum, day) => sum + day.views, 0),
    purchases: days.reduce((sum, day) => sum + day.purchases, 0),
    revenue: [...revenue]
      .map(([currency, amount]) => ({ currency, amount }))
      .sort((a, b) => b.amount - a.amount || a.currency.localeCompare(b.currency)),
  }
}
