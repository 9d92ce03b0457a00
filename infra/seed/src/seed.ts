import { hash as argon2 } from '@node-rs/argon2'
import pg from 'pg'
import { generateActivity } from './activity.ts'
import { readCategories } from './categories.ts'
import { copyRows } from './copy.ts'
import { generateProducts, type Product, rankOrder, readBrands } from './products.ts'
import {
  type Account,
  DEMO_PASSWORD,
  generateAccounts,
  generateAddresses,
  generateWishlists,
} from './users.ts'

export interface Scale {
  products: number
  users: number
  events: number
}

export const SCALES = {
  /** For tests: every kind of row, in about a second. */
  xs: { products: 1_000, users: 200, events: 10_000 },
  s: { products: 20_000, users: 2_000, events: 300_000 },
  m: { products: 200_000, users: 20_000, events: 3_000_000 },
  l: { products: 1_000_000, users: 200_000, events: 30_000_000 },
} as const satisfies Record<string, Scale>

export type ScaleName = keyof typeof SCALES

export interface SeedOptions {
  /** A role that may write to all three schemas, which are migrated and empty. */
  adminUrl: string
  /** Default `s`. */
  scale?: ScaleName
  /** Default 1. The same seed, scale and `until` give the same rows to the byte. */
  seed?: number
  /** The data's newest moment. Default: the last full hour, so that today has activity. */
  until?: Date
  onProgress?: (progress: SeedProgress) => void
  /** Aborts: nothing that was written stays. */
  signal?: AbortSignal
}

export interface SeedProgress {
  table: string
  rows: number
  /** Null where the count is not known beforehand. */
  of: number | null
  done: boolean
}

export class SeedError extends Error {
  readonly code: 'NOT_MIGRATED' | 'NOT_EMPTY' | 'SEED_FAILED'
  constructor(code: SeedError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SeedError'
    this.code = code
  }
}

/** Whether any product is there. False too where the tables are still missing. */
export async function isSeeded(options: { adminUrl: string }): Promise<boolean> {
  return withClient(options.adminUrl, async (client) => {
    const { rows } = await client.query("select to_regclass('catalog.products') is not null as migrated")
    if (!rows[0].migrated) return false
    return (await client.query('select exists (select from catalog.products) as seeded')).rows[0].seeded
  })
}

/**
 * Fills all three schemas in one transaction: after an error, a Ctrl-C or a crash there is nothing.
 * @throws SeedError NOT_MIGRATED or NOT_EMPTY before anything is written, else SEED_FAILED with its cause.
 */
export async function seed(options: SeedOptions): Promise<Scale> {
  const scale = SCALES[options.scale ?? 's']
  await withClient(options.adminUrl, async (client) => {
    await checkEmpty(client)
    const abort = () => void client.end().catch(() => {})
    options.signal?.addEventListener('abort', abort, { once: true })
    try {
      options.signal?.throwIfAborted()
      await client.query('begin')
      await client.query(
        "set local statement_timeout = 0; set local work_mem = '64MB'; set local timezone = 'UTC'",
      )
      await load(client, scale, options)
      await client.query('commit')
    } catch (cause) {
      await client.query('rollback').catch(() => {}) // the connection may be what failed
      if (options.signal?.aborted)
        throw new SeedError('SEED_FAILED', 'The seed was interrupted; nothing was kept.', { cause })
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new SeedError('SEED_FAILED', `The seed failed, and nothing was kept: ${reason}`, { cause })
    } finally {
      options.signal?.removeEventListener('abort', abort)
    }
    await client.query('analyze')
  })
  return scale
}

async function load(client: pg.Client, scale: Scale, options: SeedOptions): Promise<void> {
  const { seed = 1, until = lastFullHour(), onProgress = () => {} } = options
  const copy = async (
    table: string,
    columns: string,
    rows: Iterable<Parameters<typeof copyRows>[3] extends Iterable<infer R> ? R : never>,
    of: number | null = null,
  ) => {
    const count = await copyRows(client, table, columns.split(' '), rows, (done) =>
      onProgress({ table, rows: done, of, done: false }),
    )
    onProgress({ table, rows: count, of, done: true })
  }

  const categories = readCategories()
  const brands = readBrands()
  const accounts = generateAccounts({ seed, count: scale.users, until })
  const sellers = accounts.filter((account) => account.roles.includes('SELLER'))
  // Run twice, for two tables: cheaper than to hold a million products at once.
  const products = () => generateProducts({ seed, count: scale.products, categories, brands, sellers, until })
  const productsByRank = new Uint32Array(scale.products)
  for (const [index, rank] of rankOrder(seed, scale.products).entries()) productsByRank[rank] = index + 1
  const prices: { minor: number; currency: string }[] = []

  await copy(
    'catalog.categories',
    'id parent_id name slug path path_ids depth',
    categories.map((c) => [c.id, c.parentId, c.name, c.slug, c.path, c.pathIds, c.depth]),
    categories.length,
  )
  await copy(
    'catalog.brands',
    'id name slug',
    brands.map((b) => [b.id, b.name, b.slug]),
    brands.length,
  )
  await copy(
    'catalog.products',
    PRODUCT_COLUMNS,
    map(products(), (product) => {
      prices[product.id] = { minor: product.priceMinor, currency: product.currency }
      return productRow(product)
    }),
    scale.products,
  )
  await copy(
    'catalog.variants',
    'id product_id sku title price_minor currency available position',
    variantRows(products()),
  )

  const passwordHash = await demoPasswordHash()
  await copy(
    'users.accounts',
    'id handle email password_hash display_name roles locale currency created_at updated_at',
    accounts.map((account) => accountRow(account, passwordHash)),
    accounts.length,
  )
  await copy(
    'users.addresses',
    'id user_id recipient lines city postal_code country is_default',
    map(generateAddresses(seed, accounts), (a) => [
      a.id,
      a.userId,
      a.recipient,
      a.lines,
      a.city,
      a.postalCode,
      a.country,
      true,
    ]),
    accounts.length,
  )
  await copy(
    'users.wishlist_items',
    'id user_id product_id added_at price_minor currency',
    map(generateWishlists({ seed, accounts, productsByRank, until }), (w) => {
      const price = prices[w.productId]
      return [w.id, w.userId, w.productId, w.addedAt, price?.minor ?? null, price?.currency ?? null]
    }),
  )
  await copy(
    'users.notifications',
    'user_id kind message created_at',
    accounts.map((a) => [a.id, 'WELCOME', `Welcome to Freshet, ${a.displayName}.`, a.createdAt]),
    accounts.length,
  )

  await createPartitions(client, until)
  await copy(
    'analytics.activity',
    'activity_id kind product_id user_id quantity price_minor currency occurred_at',
    map(
      generateActivity({ seed, count: scale.events, productsByRank, userCount: scale.users, until }),
      (a) => {
        const price = prices[a.productId]
        return [
          a.activityId,
          a.kind,
          a.productId,
          a.userId,
          a.quantity,
          price?.minor ?? null,
          price?.currency ?? null,
          a.occurredAt,
        ]
      },
    ),
    scale.events,
  )

  for (const [table, statement] of DERIVED) {
    const { rowCount } = await client.query(statement)
    onProgress({ table, rows: rowCount ?? 0, of: null, done: true })
  }
  for (const table of IDENTITY_TABLES)
    await client.query(
      `select setval(pg_get_serial_sequence('${table}', 'id'), (select coalesce(max(id), 0) + 1 from ${table}), false)`,
    )
}

const PRODUCT_COLUMNS =
  'id seller_id title description brand_id category_id price_minor currency attributes images popularity available created_at updated_at'

function productRow(p: Product) {
  return [
    p.id,
    p.sellerId,
    p.title,
    p.description,
    p.brandId,
    p.category.id,
    p.priceMinor,
    p.currency,
    JSON.stringify(p.attributes),
    JSON.stringify(p.images),
    p.popularity,
    p.available,
    p.createdAt,
    p.createdAt,
  ]
}

function* variantRows(products: Iterable<Product>) {
  for (const p of products)
    for (const v of p.variants)
      yield [v.id, p.id, v.sku, v.title, v.priceMinor, p.currency, v.available, v.position]
}

function accountRow(a: Account, passwordHash: string) {
  return [
    a.id,
    a.handle,
    a.email,
    passwordHash,
    a.displayName,
    a.roles,
    a.locale,
    a.currency,
    a.createdAt,
    a.createdAt,
  ]
}

/** The same in every run: a fixed salt is fine for a password that the README prints. */
function demoPasswordHash(): Promise<string> {
  return argon2(DEMO_PASSWORD, { salt: Buffer.from('freshet-demo-salt') })
}

async function createPartitions(client: pg.Client, until: Date): Promise<void> {
  const month = (offset: number) =>
    new Date(Date.UTC(until.getUTCFullYear(), until.getUTCMonth() + offset, 1)).toISOString()
  for (let offset = -5; offset <= 2; offset++) {
    const name = `analytics.activity_${month(offset).slice(0, 7).replace('-', '_')}`
    await client.query(
      `create table if not exists ${name} partition of analytics.activity for values from ('${month(offset)}') to ('${month(offset + 1)}')`,
    )
    await client.query(`alter table ${name} owner to analytics`)
  }
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

const COUNTS = `count(*) filter (where kind = 'VIEW'), count(*) filter (where kind = 'CART_ADD'), count(*) filter (where kind = 'PURCHASE')`

/** What the services would have derived from events, had they lived through these months. */
const DERIVED: [table: string, statement: string][] = [
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

async function checkEmpty(client: pg.Client): Promise<void> {
  for (const table of ['catalog.products', 'catalog.categories', 'users.accounts', 'analytics.activity']) {
    const { rows } = await client.query('select to_regclass($1) is not null as there', [table])
    if (!rows[0].there)
      throw new SeedError('NOT_MIGRATED', `The table ${table} is missing; run "freshet migrate" first.`)
    const { rows: found } = await client.query(`select exists (select from ${table}) as filled`)
    if (found[0].filled)
      throw new SeedError(
        'NOT_EMPTY',
        `The table ${table} has rows already; the seed fills an empty database only.`,
      )
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'freshet-seed' })
  client.on('error', () => {}) // reported by the query that it broke
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => {}) // aborting has ended it already
  }
}

function* map<T, R>(values: Iterable<T>, change: (value: T) => R): Generator<R> {
  for (const value of values) yield change(value)
}

function lastFullHour(): Date {
  return new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000)
}
