import { provision, serviceUrl } from '@freshet/database'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { openShop, type Shop } from './shop.ts'

let shop: Shop
let catalog: pg.Client
let neighbour: pg.Client
beforeAll(async () => {
  shop = await openShop()
  const { adminUrl, url } = shop.testDatabase
  const service = 'catalog_test_neighbour'
  await provision({ adminUrl, service, password: 'neighbour' })
  neighbour = new pg.Client(serviceUrl(adminUrl, service, 'neighbour'))
  catalog = new pg.Client(url)
  await Promise.all([neighbour.connect(), catalog.connect()])
  await neighbour.query('create table secrets (id int)')
})
afterAll(async () => {
  await neighbour?.query('drop owned by current_user cascade')
  await Promise.all([neighbour?.end(), catalog?.end()])
  await shop.close()
})

const refused = { code: '42501' }

test.each(['products', 'product_categories', 'variants', 'categories', 'brands', 'outbox'])(
  "another service's role can't read or write %s",
  async (table) => {
    await expect(neighbour.query(`select * from catalog.${table}`)).rejects.toMatchObject(refused)
    await expect(neighbour.query(`delete from catalog.${table}`)).rejects.toMatchObject(refused)
    await expect(neighbour.query(`select * from ${table}`)).rejects.toMatchObject({ code: '42P01' })
  },
)

test("catalog's role has no rights on another service's schema, nor where extensions live", async () => {
  await expect(catalog.query('select * from catalog_test_neighbour.secrets')).rejects.toMatchObject(refused)
  await expect(catalog.query('create table catalog_test_neighbour.mine (id int)')).rejects.toMatchObject(
    refused,
  )
  await expect(catalog.query('create table extensions.mine (id int)')).rejects.toMatchObject(refused)
  await expect(catalog.query('create table public.mine (id int)')).rejects.toMatchObject(refused)
  await expect(catalog.query('create role mine')).rejects.toMatchObject(refused)
})
