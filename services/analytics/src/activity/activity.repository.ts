import { sql, type Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { Activity } from './activity.events.ts'

export interface ActivityRepository {
  /** Writes the events and folds them into every rollup. The caller has dropped what was counted before. */
  record(trx: Transaction<DB>, activities: readonly Activity[]): Promise<void>
}

export function createActivityRepository(): ActivityRepository {
  return {
    async record(trx, activities) {
      if (activities.length === 0) return
      // One array parameter for each column: the statement is the same for 1 event and for 1,000.
      const ids = activities.map((a) => a.activityId)
      const kinds = activities.map((a) => a.kind)
      const products = activities.map((a) => a.productId)
      const users = activities.map((a) => a.userId)
      const quantities = activities.map((a) => a.quantity)
      const times = activities.map((a) => a.occurredAt)
      // Every rollup is updated in the order of its key, so that two consumers can't deadlock.
      await sql`
        with incoming as (
          insert into activity (activity_id, kind, product_id, user_id, quantity, price_minor, currency, occurred_at)
          select e.activity_id, e.kind, e.product_id, e.user_id, e.quantity, f.price_minor, f.currency, e.occurred_at
          from unnest(
            ${ids}::uuid[], ${kinds}::text[], ${products}::bigint[], ${users}::bigint[],
            ${quantities}::integer[], ${times}::timestamptz[]
          ) as e (activity_id, kind, product_id, user_id, quantity, occurred_at)
          left join product_facts f using (product_id)
          returning *
        ), totals as (
          insert into product_stats as s (product_id, views, cart_adds, purchases, last_activity_at)
          select product_id, ${counts}, max(occurred_at) from incoming group by product_id order by product_id
          on conflict (product_id) do update set
            views = s.views + excluded.views,
            cart_adds = s.cart_adds + excluded.cart_adds,
            purchases = s.purchases + excluded.purchases,
            last_activity_at = greatest(s.last_activity_at, excluded.last_activity_at)
        ), daily as (
          insert into product_stats_daily as s (product_id, day, views, cart_adds, purchases)
          select product_id, (occurred_at at time zone 'UTC')::date, ${counts}
          from incoming group by 1, 2 order by 1, 2
          on conflict (product_id, day) do update set
            views = s.views + excluded.views,
            cart_adds = s.cart_adds + excluded.cart_adds,
            purchases = s.purchases + excluded.purchases
        ), hourly as (
          insert into product_stats_hourly as s (product_id, hour, views, cart_adds, purchases)
          select product_id, date_trunc('hour', occurred_at, 'UTC'), ${counts}
          from incoming group by 1, 2 order by 1, 2
          on conflict (product_id, hour) do update set
            views = s.views + excluded.views,
            cart_adds = s.cart_adds + excluded.cart_adds,
            purchases = s.purchases + excluded.purchases
        ), revenue as (
          insert into product_revenue_daily as s (product_id, day, currency, revenue_minor)
          select product_id, (occurred_at at time zone 'UTC')::date, currency, sum(price_minor * quantity)
          from incoming where kind = 'PURCHASE' and currency is not null group by 1, 2, 3 order by 1, 2, 3
          on conflict (product_id, day, currency) do update set revenue_minor = s.revenue_minor + excluded.revenue_minor
        )
        insert into recently_viewed as s (user_id, product_id, viewed_at)
        select user_id, product_id, max(occurred_at)
        from incoming where kind = 'VIEW' and user_id is not null group by 1, 2 order by 1, 2
        on conflict (user_id, product_id) do update set viewed_at = greatest(s.viewed_at, excluded.viewed_at)
      `.execute(trx)
    },
  }
}

const counts = sql`
  count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'CART_ADD'),
  count(*) filter (where kind = 'PURCHASE')
`
