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

export interface DashboardRepository {
  /** `today` is the last day, `days` how many there are. A seller without products has zeros. */
  find(sellerId: string, days: number, today: string): Promise<DashboardRow>
}

export function createDashboardRepository(db: Kysely<DB>): DashboardRepository {
  return {
    async find(sellerId, days, today) {
      const range = sql`d.day > ${today}::date - ${days}::integer and d.day <= ${today}::date`
      const [byDay, topProducts] = await Promise.all([
        sql<DashboardDayRow>`
          with counts as (
            select d.day, sum(d.views) as views, sum(d.purchases) as purchases
            from product_facts f join product_stats_daily d using (product_id)
            where f.seller_id = ${sellerId} and ${range} group by d.day
          ), sums as (
            select d.day, d.currency, sum(d.revenue_minor) as amount
            from product_facts f join product_revenue_daily d using (product_id)
            where f.seller_id = ${sellerId} and ${range} group by d.day, d.currency
          )
          select to_char(day, 'YYYY-MM-DD') as date,
            coalesce(c.views, 0)::integer as views, coalesce(c.purchases, 0)::integer as purchases,
            coalesce((
              select json_agg(json_build_object('amount', s.amount, 'currency', s.currency) order by s.amount desc, s.currency)
              from sums s where s.day = all_days.day
            ), '[]') as revenue
          from (
            select generate_series(${today}::date - ${days}::integer + 1, ${today}::date, interval '1 day')::date as day
          ) all_days
          left join counts c using (day) order by day
        `.execute(db),
        sql<DashboardProductRow>`
          select f.product_id as "productId", f.title,
            sum(d.views)::integer as views, sum(d.purchases)::integer as purchases
          from product_facts f join product_stats_daily d using (product_id)
          where f.seller_id = ${sellerId} and ${range}
          group by f.product_id, f.title
          order by sum(d.purchases) desc, sum(d.views) desc, f.product_id limit 100
        `.execute(db),
      ])
      return { sellerId, ...totals(byDay.rows), days: byDay.rows, topProducts: topProducts.rows }
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
