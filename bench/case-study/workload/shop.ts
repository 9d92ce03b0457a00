import { withClient } from '@freshet/testing'
import type pg from 'pg'

/** What there is to ask for, the most popular first. Ids are raw. */
export interface Shop {
  readonly products: readonly { id: string; priceMinor: number; currency: string }[]
  readonly categories: readonly { id: string; slug: string }[]
  readonly brands: readonly string[]
  readonly searches: readonly string[]
  /** Accounts, each with its token: the same on both sides. */
  readonly sellers: readonly Account[]
  readonly members: readonly Account[]
  readonly admin: Account
}

export interface Account {
  readonly id: string
  readonly token: string
}

/** Accounts that somebody has to sign in for. */
export interface Accounts<One> {
  readonly sellers: readonly One[]
  readonly members: readonly One[]
  readonly admin: One
}

/** Down to those that hardly anybody asks for: without them, caches would hit more often than in life. */
const MOST_PRODUCTS = 200_000
const MOST_CATEGORIES = 100
const MOST_BRANDS = 100
const SELLERS = 20
const MEMBERS = 40
const ADMIN = 'admin'

/** Words that a title has or has not: what both ways of searching, by words and by letters, find the same by. */
const MODELS = ['Kestrel', 'Aurora', 'Nimbus', 'Quartz', 'Onyx', 'Cobalt', 'Fjord', 'Aalto', 'Ivalo', 'Ylva']
const QUALITIES = ['Deluxe', 'Classic', 'Premium', 'Vintage', 'Everyday', 'Signature']

/** A shop in which nobody has signed in yet. */
interface ClosedShop extends Omit<Shop, keyof Accounts<Account>> {
  readonly accounts: Accounts<{ id: string; email: string }>
}

/** Reads it from a seeded Freshet. */
export const readShop = (databaseUrl: string): Promise<ClosedShop> => withClient(databaseUrl, readFrom)

async function readFrom(client: pg.Client): Promise<ClosedShop> {
  const rows = async <Row extends object>(sql: string, ...values: unknown[]) =>
    (await client.query<Row>(sql, values)).rows
  const sellers = await rows<{ id: string; email: string }>(
    `select a.id, a.email from users.accounts a join catalog.products p on p.seller_id = a.id
     group by a.id order by count(*) desc, a.id limit $1`,
    SELLERS,
  )
  const members = await rows<{ id: string; email: string }>(
    `select id, email from users.accounts where handle <> $1 order by id limit $2`,
    ADMIN,
    MEMBERS,
  )
  const [admin] = await rows<{ id: string; email: string }>(
    'select id, email from users.accounts where handle = $1',
    ADMIN,
  )
  const categories = await rows<{ id: string; slug: string }>(
    `select c.id, c.slug from catalog.categories c join catalog.product_categories p on p.category_id = c.id
     group by c.id order by count(*) desc, c.id limit $1`,
    MOST_CATEGORIES,
  )
  const brands = await rows<{ id: string }>(
    `select brand_id as id from catalog.products where brand_id is not null group by 1 order by count(*) desc, 1 limit $1`,
    MOST_BRANDS,
  )
  const words = MODELS.flatMap((model) => [model, ...QUALITIES.map((quality) => `${model} ${quality}`)])
  const found = await rows<{ words: string }>(
    `select words from unnest($1::text[]) with ordinality as asked (words, position) where exists (
       select from catalog.products where status = 'ACTIVE' and search @@ websearch_to_tsquery('english', words)
     ) order by position`,
    words,
  )
  return {
    products: await rows(
      `select id, price_minor as "priceMinor", currency from catalog.products where status = 'ACTIVE'
       order by popularity desc, id desc limit $1`,
      MOST_PRODUCTS,
    ),
    categories,
    brands: brands.map(({ id }) => id),
    // What nobody has is searched for by similarly spelled words: that is Freshet's alone.
    searches: found.map(({ words }) => words),
    accounts: { sellers, members, admin: admin! },
  }
}
