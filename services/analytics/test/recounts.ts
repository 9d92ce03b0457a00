/*
 * What each rollup is, told by the stream: for those that are folded event by event, and for those that the seed makes.
 */

const counts = `
  count(*) filter (where kind = 'VIEW') as views, count(*) filter (where kind = 'CART_ADD') as cart_adds,
  count(*) filter (where kind = 'PURCHASE') as purchases`

const recounts: Record<string, { columns: string; recount: string }> = {
  product_stats: {
    columns: 'product_id, views, cart_adds, purchases, last_activity_at',
    recount: `select product_id, ${counts}, max(occurred_at) from activity group by 1`,
  },
  product_stats_daily: {
    columns: 'product_id, day, views, cart_adds, purchases',
    recount: `select product_id, (occurred_at at time zone 'UTC')::date, ${counts} from activity group by 1, 2`,
  },
  product_stats_hourly: {
    columns: 'product_id, hour, views, cart_adds, purchases',
    recount: `select product_id, date_trunc('hour', occurred_at, 'UTC'), ${counts} from activity group by 1, 2`,
  },
  product_revenue_daily: {
    columns: 'product_id, day, currency, revenue_minor',
    recount: `
      select product_id, (occurred_at at time zone 'UTC')::date, currency, sum(price_minor * quantity)
      from activity where kind = 'PURCHASE' and currency is not null group by 1, 2, 3`,
  },
  // A product's whole past is its seller's, whenever that was told of, and whoever had it before.
  seller_stats_daily: {
    columns: 'seller_id, day, views, purchases',
    recount: `
      select seller_id, (occurred_at at time zone 'UTC')::date,
        count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'PURCHASE')
      from activity join product_facts using (product_id) where kind <> 'CART_ADD' group by 1, 2`,
  },
  // Not what cost nothing: it may go with a product that goes to another seller.
  'seller_revenue_daily where revenue_minor > 0': {
    columns: 'seller_id, day, currency, revenue_minor',
    recount: `
      select seller_id, (occurred_at at time zone 'UTC')::date, a.currency, sum(a.price_minor * quantity)
      from activity a join product_facts using (product_id)
      where kind = 'PURCHASE' and a.price_minor > 0 group by 1, 2, 3`,
  },
  seller_sales_daily: {
    columns: 'seller_id, day, product_id, purchases',
    recount: `
      select seller_id, (occurred_at at time zone 'UTC')::date, product_id, count(*)
      from activity join product_facts using (product_id) where kind = 'PURCHASE' group by 1, 2, 3`,
  },
  recently_viewed: {
    columns: 'user_id, product_id, viewed_at',
    recount: `
      select user_id, product_id, max(occurred_at) from activity
      where kind = 'VIEW' and user_id is not null group by 1, 2`,
  },
}

/** For each rollup, the query for the rows that it has and a recount of the stream has not, and the other way round. */
export const rollups: readonly { rollup: string; differences: string }[] = Object.entries(recounts).map(
  ([rollup, { columns, recount }]) => {
    const kept = `select ${columns} from ${rollup}`
    const differences = `
      (select 'kept' as side, d.* from (${kept} except all ${recount}) d)
      union all (select 'recounted', d.* from (${recount} except all ${kept}) d)`
    return { rollup, differences }
  },
)
