import type pg from 'pg'
import { activityMonths } from './months.ts'

const COUNTS = `count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'CART_ADD'), count(*) filter (where kind = 'PURCHASE')`

/** A table that PostgreSQL fills from others, by statements that are each committed for itself. */
export interface DerivedTable {
  table: string
  statements: string[]
}

/** What the services would have derived from events, had they lived through these months. */
export function derivedTables(until: Date): DerivedTable[] {
  // A month of activity is one partition, and what is grouped by a day or an hour lies within one.
  const months = activityMonths(until)
  const eachMonth = (statement: (of: string) => string) =>
    months.map(({ from, to }) => statement(`occurred_at >= '${from}' and occurred_at < '${to}'`))
  const daysOfEachMonth = (statement: (of: string) => string) =>
    months.map(({ from, to }) =>
      statement(`day >= '${from.slice(0, 10)}'::date and day < '${to.slice(0, 10)}'::date`),
    )
  return [
    {
      table: 'users.product_facts',
      statements: [
        `insert into users.product_facts (product_id, title, price_minor, currency, version, changed_at)
         select id, title, price_minor, currency, version, updated_at from catalog.products order by id`,
      ],
    },
    {
      table: 'analytics.product_facts',
      statements: [
        `insert into analytics.product_facts (product_id, version, title, seller_id, category_ids, price_minor, currency)
         select p.id, p.version, p.title, p.seller_id, c.path_ids, p.price_minor, p.currency
         from catalog.products p join catalog.categories c on c.id = p.category_id order by p.id`,
      ],
    },
    {
      table: 'analytics.product_stats',
      statements: [
        `insert into analytics.product_stats (product_id, views, cart_adds, purchases, last_activity_at)
         select product_id, ${COUNTS}, max(occurred_at) from analytics.activity group by 1 order by 1`,
      ],
    },
    {
      table: 'analytics.product_stats_daily',
      statements: eachMonth(
        (of) => `
         insert into analytics.product_stats_daily (product_id, day, views, cart_adds, purchases)
         select product_id, (occurred_at at time zone 'UTC')::date, ${COUNTS}
         from analytics.activity where ${of} group by 1, 2 order by 1, 2`,
      ),
    },
    {
      table: 'analytics.product_stats_hourly',
      statements: eachMonth(
        (of) => `
         insert into analytics.product_stats_hourly (product_id, hour, views, cart_adds, purchases)
         select product_id, date_trunc('hour', occurred_at, 'UTC'), ${COUNTS}
         from analytics.activity where ${of} group by 1, 2 order by 1, 2`,
      ),
    },
    {
      table: 'analytics.product_revenue_daily',
      statements: eachMonth(
        (of) => `
         insert into analytics.product_revenue_daily (product_id, day, currency, revenue_minor)
         select product_id, (occurred_at at time zone 'UTC')::date, currency, sum(price_minor * quantity)
         from analytics.activity where ${of} and kind = 'PURCHASE' and currency is not null
         group by 1, 2, 3 order by 1, 2, 3`,
      ),
    },
    {
      table: 'analytics.seller_stats_daily',
      statements: daysOfEachMonth(
        (of) => `
         insert into analytics.seller_stats_daily (seller_id, day, views, purchases)
         select seller_id, day, sum(views), sum(purchases)
         from analytics.product_stats_daily join analytics.product_facts using (product_id)
         where ${of} and (views > 0 or purchases > 0) group by 1, 2 order by 1, 2`,
      ),
    },
    {
      table: 'analytics.seller_revenue_daily',
      statements: daysOfEachMonth(
        (of) => `
         insert into analytics.seller_revenue_daily (seller_id, day, currency, revenue_minor)
         select seller_id, day, d.currency, sum(revenue_minor)
         from analytics.product_revenue_daily d join analytics.product_facts using (product_id)
         where ${of} group by 1, 2, 3 order by 1, 2, 3`,
      ),
    },
    {
      table: 'analytics.seller_sales_daily',
      statements: daysOfEachMonth(
        (of) => `
         insert into analytics.seller_sales_daily (seller_id, day, product_id, purchases)
         select seller_id, day, product_id, purchases
         from analytics.product_stats_daily join analytics.product_facts using (product_id)
         where ${of} and purchases > 0 order by 1, 2, 3`,
      ),
    },
    {
      table: 'analytics.recently_viewed',
      statements: [
        `insert into analytics.recently_viewed (user_id, product_id, viewed_at)
         select user_id, product_id, max(occurred_at) from analytics.activity
         where kind = 'VIEW' and user_id is not null group by 1, 2 order by 1, 2`,
      ],
    },
  ]
}

/** The next row of each table gets an id of its own. */
export async function moveSequences(client: pg.Client): Promise<void> {
  for (const table of IDENTITY_TABLES)
    await client.query(
      `select setval(pg_get_serial_sequence('${table}', 'id'), (select coalesce(max(id), 0) + 1 from ${table}), false)`,
    )
}

const IDENTITY_TABLES = [
  'catalog.categories',
  'catalog.brands',
  'catalog.products',
  'catalog.variants',
  'users.accounts',
  'users.addresses',
  'users.wishlist_items',
  'users.notifications',
]
