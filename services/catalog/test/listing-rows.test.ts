import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { up as fill } from '../migrations/0009_fill_attribute_keys.ts'
import { openShop, type Shop } from './shop.ts'

/*
 * `product_categories` is derived from products and categories: whatever is written, in whichever order, it equals what a
 * query over both makes of them.
 */

const many = 4_000

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  await sql`
    insert into products (id, seller_id, title, brand_id, category_id, price_minor, currency, available, popularity, attributes)
    select 10000 + i, 8, 'Luminaire ' || i, 1 + i % 3, 1 + i % 6, 100 + i, 'USD', i % 3, 1.0 / i,
      jsonb_build_array(jsonb_build_object('name', 'Colour', 'value', 'c' || i % 7), jsonb_build_object('name', 'Size', 'value', i % 5))
    from generate_series(1, ${many}::integer) as i`.execute(shop.database.db)
})
afterAll(() => shop.close())

/** Rows that are there and should not be, or that should be and are not. */
async function differences() {
  const derived = sql`
    select p.id as product_id, ancestor as category_id, p.popularity, p.price_minor, p.currency, p.created_at, p.title, p.brand_id, p.seller_id,
      p.available > 0 as in_stock,
      (select coalesce(array_agg(hashtextextended(length(a ->> 'name') || ':' || (a ->> 'name') || (a ->> 'value'), 0)), '{}')
       from jsonb_array_elements(p.attributes) as a) as attribute_keys
    from products p join categories c on c.id = p.category_id cross join unnest(0::bigint || c.path_ids) as ancestor
    where p.status = 'ACTIVE'`
  const stored = sql`
    select product_id, category_id, popularity, price_minor, currency, created_at, title, brand_id, seller_id, in_stock, attribute_keys
    from product_categories`
  const { rows } = await sql<{ product_id: string }>`
    (select 'missing' as what, * from (${derived} except ${stored}) m limit 5)
    union all (select 'too much' as what, * from (${stored} except ${derived}) t limit 5)`.execute(
    shop.database.db,
  )
  return rows
}

const lamp = (id: number) => sql`${10_000 + id}::bigint`

test.each([
  ['new ones', sql`select 1`],
  [
    'other attributes',
    sql`update products set attributes = '[{"name": "Colour", "value": "x"}]' where id = ${lamp(1)}`,
  ],
  ['no attributes', sql`update products set attributes = '[]' where id <= ${lamp(3)} and id > 10000`],
  ['another category', sql`update products set category_id = 4 where id = ${lamp(4)}`],
  [
    'another category, price, stock and attributes at once',
    sql`update products set category_id = 5, price_minor = 1, available = 0, attributes = '[]' where id = ${lamp(5)}`,
  ],
  ['archived', sql`update products set status = 'ARCHIVED' where id in (${lamp(6)}, ${lamp(7)})`],
  [
    'changed while archived, and active again',
    sql`update products set status = 'ACTIVE', attributes = '[{"name": "Size", "value": "9"}]' where id = ${lamp(6)}`,
  ],
  ['sold out', sql`update products set available = 0 where id % 2 = 0`],
  ['deleted', sql`delete from products where id = ${lamp(8)}`],
])('%s', async (_what, statement) => {
  await statement.execute(shop.database.db)
  expect(await differences()).toEqual([])
})

test('what was there before the triggers knew of it is filled in, while it changes', async () => {
  const { db } = shop.database
  await sql`update product_categories set attribute_keys = '{}'`.execute(db)
  await sql`delete from product_categories where category_id = 0`.execute(db)
  expect(await differences()).not.toEqual([])

  let isFilled = false
  let changes = 0
  const change = async () => {
    while (!isFilled) {
      const id = 1 + Math.floor(Math.random() * many)
      const status = Math.random() < 0.2 ? 'ARCHIVED' : 'ACTIVE'
      await sql`
        update products set status = ${status}, category_id = ${1 + (changes % 6)},
          attributes = jsonb_build_array(jsonb_build_object('name', 'Colour', 'value', ${`n${changes}`}::text))
        where id between ${lamp(id)} and ${lamp(id + 20)}`
        .execute(db)
        // Two of these may lock each other's rows.
        .catch((error: { code?: string }) => expect(error.code).toBe('40P01'))
      changes++
    }
  }
  // As `migrate` does: once more where one of these has locked rows in another order, and it was the one to give way.
  const filling = (): Promise<void> =>
    fill(db as never).catch((error: { code?: string }) => {
      expect(error.code).toBe('40P01')
      return filling()
    })
  const changing = [change(), change()]
  await filling().finally(() => {
    isFilled = true
  })
  await Promise.all(changing)
  expect(changes).toBeGreaterThan(2)
  expect(await differences()).toEqual([])

  await fill(db as never)
  expect(await differences()).toEqual([])
})
