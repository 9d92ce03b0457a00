import { generateActivity } from './activity.ts'
import { readCategories } from './categories.ts'
import type { CopyValue } from './copy.ts'
import { createPrices } from './prices.ts'
import { generateProducts, rankOrder, readBrands } from './products.ts'
import type { Run } from './run.ts'
import { generateAccounts, generateAddresses, generateWishlists } from './users.ts'

/** One table's rows, as COPY takes them. */
export interface TableRows {
  table: string
  columns: readonly string[]
  /** From the first, each time that it is called. */
  rows: () => Iterable<readonly CopyValue[]>
  /** How many there will be, where that is known beforehand. */
  of?: number
}

/** Every table that the seed fills itself, in the order of their foreign keys. */
export function tablesOf({ seed, scale, until }: Run, passwordHash: string): TableRows[] {
  const categories = readCategories()
  const brands = readBrands()
  const accounts = generateAccounts({ seed, count: scale.users, until })
  const sellers = accounts.filter((account) => account.roles.includes('SELLER'))
  // Run twice, for two tables: cheaper than to hold a million products at once.
  const products = () => generateProducts({ seed, count: scale.products, categories, brands, sellers, until })
  const productsByRank = new Uint32Array(scale.products)
  for (const [index, rank] of rankOrder(seed, scale.products).entries()) productsByRank[rank] = index + 1
  const prices = createPrices(scale.products, products)

  return [
    {
      table: 'catalog.categories',
      columns: ['id', 'parent_id', 'name', 'slug', 'path', 'path_ids', 'depth'],
      rows: () => map(categories, (c) => [c.id, c.parentId, c.name, c.slug, c.path, c.pathIds, c.depth]),
      of: categories.length,
    },
    {
      table: 'catalog.brands',
      columns: ['id', 'name', 'slug'],
      rows: () => map(brands, (b) => [b.id, b.name, b.slug]),
      of: brands.length,
    },
    {
      table: 'catalog.products',
      columns: [
        ...['id', 'seller_id', 'title', 'description', 'brand_id', 'category_id', 'price_minor', 'currency'],
        ...['attributes', 'images', 'popularity', 'available', 'created_at', 'updated_at'],
      ],
      rows: () =>
        map(products(), (p) => {
          prices.remember(p)
          return [
            ...[p.id, p.sellerId, p.title, p.description, p.brandId, p.category.id, p.priceMinor, p.currency],
            ...[JSON.stringify(p.attributes), JSON.stringify(p.images), p.popularity, p.available],
            ...[p.createdAt, p.createdAt],
          ]
        }),
      of: scale.products,
    },
    {
      table: 'catalog.variants',
      columns: ['id', 'product_id', 'sku', 'title', 'price_minor', 'currency', 'available', 'position'],
      rows: function* () {
        for (const p of products())
          for (const v of p.variants)
            yield [v.id, p.id, v.sku, v.title, v.priceMinor, p.currency, v.available, v.position]
      },
    },
    {
      table: 'users.accounts',
      columns: [
        ...['id', 'handle', 'email', 'password_hash', 'display_name', 'roles', 'locale', 'currency'],
        ...['created_at', 'updated_at'],
      ],
      rows: () =>
        map(accounts, (a) => [
          ...[a.id, a.handle, a.email, passwordHash, a.displayName, a.roles, a.locale, a.currency],
          ...[a.createdAt, a.createdAt],
        ]),
      of: accounts.length,
    },
    {
      table: 'users.addresses',
      columns: [
        ...['id', 'user_id', 'recipient', 'lines', 'city', 'postal_code', 'country', 'is_default'],
        'created_at',
      ],
      rows: () =>
        map(generateAddresses(seed, accounts), (a) => [
          ...[a.id, a.userId, a.recipient, a.lines, a.city, a.postalCode, a.country, true],
          until,
        ]),
      of: accounts.length,
    },
    {
      table: 'users.wishlist_items',
      columns: ['id', 'user_id', 'product_id', 'added_at', 'price_minor', 'currency'],
      rows: () =>
        map(generateWishlists({ seed, accounts, productsByRank, until }), (w) => [
          ...[w.id, w.userId, w.productId, w.addedAt],
          ...prices.of(w.productId),
        ]),
    },
    {
      table: 'users.notifications',
      // Their ids too: a sequence does not go back with the piece that an interruption undid.
      columns: ['id', 'user_id', 'kind', 'message', 'created_at'],
      rows: () =>
        map(accounts, (a) => [a.id, a.id, 'WELCOME', `Welcome to Freshet, ${a.displayName}.`, a.createdAt]),
      of: accounts.length,
    },
    {
      table: 'analytics.activity',
      columns: [
        ...['activity_id', 'kind', 'product_id', 'user_id', 'quantity'],
        ...['price_minor', 'currency', 'occurred_at'],
      ],
      rows: () =>
        map(
          generateActivity({ seed, count: scale.events, productsByRank, userCount: scale.users, until }),
          (a) => [
            ...[a.activityId, a.kind, a.productId, a.userId, a.quantity],
            ...prices.of(a.productId),
            a.occurredAt,
          ],
        ),
      of: scale.events,
    },
  ]
}

function* map<T>(values: Iterable<T>, toRow: (value: T) => CopyValue[]): Generator<CopyValue[]> {
  for (const value of values) yield toRow(value)
}
