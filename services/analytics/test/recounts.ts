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

/** Those that are recomputed as of a time, and equal the stream of then. */
const recomputed = (now: Date): typeof recounts => ({
  category_stats: {
    columns: 'category_id, views, purchases',
    recount: `
      select category_id, count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'PURCHASE')
      from activity join product_facts using (product_id), unnest(category_ids) as category_id group by 1`,
  },
  category_top: {
    columns: 'category_id, rank, product_id',
    recount: `
      select * from (
        select category_id, row_number() over (
          partition by category_id
          order by sum(case kind when 'VIEW' then 1 when 'CART_ADD' then 5 else 20 end) desc, product_id
        ) as rank, product_id
        from activity join product_facts using (product_id), unnest(category_ids) as category_id
        where (occurred_at at time zone 'UTC')::date > date '${now.toISOString().slice(0, 10)}' - 30
        group by category_id, product_id
      ) ranked where rank <= 24`,
  },
})

/** The query for the rows that a rollup has and a recount of the stream has not, and the other way round. */
function comparisons(of: typeof recounts): { rollup: string; differences: string }[] {
  return Object.entries(of).map(([rollup, { columns, recount }]) => {
    const kept = `select ${columns} from ${rollup}`
    const differences = `
      (select 'kept' as side, d.* from (${kept} except all ${recount}) d)
      union all (select 'recounted', d.* from (${recount} except all ${kept}) d)`
    return { rollup, differences }
  })
}

export const rollups = comparisons(recounts)
export const recomputedRollups = (now: Date) => comparisons(recomputed(now))
