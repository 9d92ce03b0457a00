import { type Kysely, sql } from 'kysely'
import type { DB } from '../src/generated/db.ts'

/*
 * Electronics (1) > Audio (2) > Headphones (3)
 *                 > Video (4)
 * Home (5)        > Lamps (6)
 */
const categories = [
  { id: 1, parent: null, name: 'Electronics', path: [1] },
  { id: 2, parent: 1, name: 'Audio', path: [1, 2] },
  { id: 3, parent: 2, name: 'Headphones', path: [1, 2, 3] },
  { id: 4, parent: 1, name: 'Video', path: [1, 4] },
  { id: 5, parent: null, name: 'Home', path: [5] },
  { id: 6, parent: 5, name: 'Lamps', path: [5, 6] },
]
const brands = ['Zürich Audio', 'Nordlicht', 'Acme']

/** 60 products of seller 7 in Headphones, then 10 of seller 8 in each of Video and Lamps; ids from 1. */
export const productCount = 80

/** Product i costs 1000 + 100 * (i % 10) cents, has variants 2i-1 and 2i, and every 7th is sold out. */
export async function fillShop(db: Kysely<DB>): Promise<void> {
  const nameOf = new Map(categories.map(({ id, name }) => [id, name]))
  await db
    .insertInto('categories')
    .values(
      categories.map(({ id, parent, name, path }) => ({
        id,
        parent_id: parent,
        name,
        slug: path.map((step) => nameOf.get(step)!.toLowerCase()).join('-'),
        path: path.map((step) => nameOf.get(step)).join(' > '),
        path_ids: sql<string[]>`${path}::bigint[]`,
        depth: path.length - 1,
      })),
    )
    .execute()
  await db
    .insertInto('brands')
    .values(brands.map((name, index) => ({ id: index + 1, name, slug: `brand-${index + 1}` })))
    .execute()
  const ids = Array.from({ length: productCount }, (_, index) => index + 1)
  await db.insertInto('products').values(ids.map(product)).execute()
  await db
    .insertInto('variants')
    .values(ids.flatMap((id) => [variant(id, 0), variant(id, 1)]))
    .execute()
  await sql`select setval(pg_get_serial_sequence('products', 'id'), 1000), setval(pg_get_serial_sequence('variants', 'id'), 10000)`.execute(
    db,
  )
}

const stockOf = (id: number) => (id % 7 === 0 ? 0 : 5)

function product(id: number) {
  const [categoryId, noun] = id <= 60 ? [3, 'Headphones'] : id <= 70 ? [4, 'Beamer'] : [6, 'Lamp']
  return {
    id,
    seller_id: id <= 60 ? 7 : 8,
    title: `${noun} No. ${String(id).padStart(2, '0')}`,
    description: `A thing of ${id % 2 ? 'steel' : 'wood'}, number ${id}.`,
    brand_id: (id % 3) + 1,
    category_id: categoryId,
    price_minor: 1000 + 100 * (id % 10),
    currency: 'USD',
    attributes: JSON.stringify([{ name: 'Colour', value: ['Red', 'Green', 'Blue'][id % 3] }]),
    images: JSON.stringify([
      { url: `https://images.freshet.example/${id}.jpg`, alt: noun, width: 800, height: 600 },
    ]),
    popularity: 1 / id,
    available: 2 * stockOf(id),
    created_at: new Date(Date.UTC(2026, 0, 1) + id * 60_000),
    updated_at: new Date(Date.UTC(2026, 0, 1) + id * 60_000),
  }
}

function variant(id: number, position: number) {
  return {
    id: id * 2 - 1 + position,
    product_id: id,
    sku: `SKU-${id}-${position}`,
    title: position === 0 ? 'Small' : 'Large',
    // The large one of every fifth product has a price of its own.
    price_minor: 1000 + 100 * (id % 10) + (position === 1 && id % 5 === 0 ? 250 : 0),
    currency: 'USD',
    available: stockOf(id),
    position,
  }
}
