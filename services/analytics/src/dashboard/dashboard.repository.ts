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
      // OFFSET 0 keeps it a look-up for each product of the seller. How long the range is, is not known when this is planned:
      // PostgreSQL expects it to be short, and would read that range of every product in the shop.
      const daysOf = (rollup: 'product_stats_daily' | 'product_revenue_daily') => sql`
        product_facts f cross join lateral (
          select * from ${sql.ref(rollup)} own
          where own.product_id = f.product_id and own.day > ${today}::date - r.days and own.day <= ${today}::date offset 0
        ) d`
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
              select d.day, sum(d.views) as views, sum(d.purchases) as purchases
              from ${daysOf('product_stats_daily')}
              where f.seller_id = r.seller_id group by d.day
            ) c using (day)
            left join (
              select day, json_agg(json_build_object('amount', amount, 'currency', currency) order by amount desc, currency) as revenue
              from (
                select d.day, d.currency, sum(d.revenue_minor) as amount
                from ${daysOf('product_revenue_daily')}
                where f.seller_id = r.seller_id group by d.day, d.currency
              ) sums group by day
            ) s using (day)
          ) as days
          from ${asked} order by r.position
        `.execute(db),
        sql<{ products: DashboardProductRow[] }>`
          select coalesce((
            select json_agg(json_build_object(
              'productId', product_id::text, 'title', title, 'views', views, 'purchases', purchases
            ) order by purchases desc, views desc, product_id)
            from (
              select f.product_id, f.title, sum(d.views) as views, sum(d.purchases) as purchases
              from ${daysOf('product_stats_daily')}
              where f.seller_id = r.seller_id
              group by f.product_id, f.title
              order by purchases desc, views desc, f.product_id limit ${TOP_LENGTH}
            ) best
          ), '[]') as products
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
