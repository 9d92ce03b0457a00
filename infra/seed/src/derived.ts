import type pg from 'pg'

const COUNTS = `count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'CART_ADD'), count(*) filter (where kind = 'PURCHASE')`

/** What the services would have derived from events, had they lived through these months. */
export const DERIVED: [table: string, statement: string][] = [
  [
    'users.product_facts',
    `
    insert into users.product_facts (product_id, title, price_minor, currency, version, changed_at)
    select id, title, price_minor, currency, version, updated_at from catalog.products order by id`,
  ],
  [
    'analytics.product_facts',
    `
    insert into analytics.product_facts (product_id, version, title, seller_id, category_ids, price_minor, currency)
    select p.id, p.version, p.title, p.seller_id, c.path_ids, p.price_minor, p.currency
    from catalog.products p join catalog.categories c on c.id = p.category_id order by p.id`,
  ],
  [
    'analytics.product_stats',
    `
    insert into analytics.product_stats (product_id, views, cart_adds, purchases, last_activity_at)
    select product_id, ${COUNTS}, max(occurred_at) from analytics.activity group by 1 order by 1`,
  ],
  [
    'analytics.product_stats_daily',
    `
    insert into analytics.product_stats_daily (product_id, day, views, cart_adds, purchases)
    select product_id, (occurred_at at time zone 'UTC')::date, ${COUNTS} from analytics.activity group by 1, 2 order by 1, 2`,
  ],
  [
    'analytics.product_stats_hourly',
    `
    insert into analytics.product_stats_hourly (product_id, hour, views, cart_adds, purchases)
    select product_id, date_trunc('hour', occurred_at, 'UTC'), ${COUNTS} from analytics.activity group by 1, 2 order by 1, 2`,
  ],
  [
    'analytics.product_revenue_daily',
    `
    insert into analytics.product_revenue_daily (product_id, day, currency, revenue_minor)
    select product_id, (occurred_at at time zone 'UTC')::date, currency, sum(price_minor * quantity)
    from analytics.activity where kind = 'PURCHASE' and currency is not null group by 1, 2, 3 order by 1, 2, 3`,
  ],
  [
    'analytics.recently_viewed',
    `
    insert into analytics.recently_viewed (user_id, product_id, viewed_at)
    select user_id, product_id, max(occurred_at) from analytics.activity
    where kind = 'VIEW' and user_id is not null group by 1, 2 order by 1, 2`,
  ],
]

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
