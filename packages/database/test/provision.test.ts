import { createTestDatabase, type TestDatabase, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { ensureDatabase, provision, serviceUrl } from '../src/index.ts'

const [owner, neighbour] = ['owner', 'neighbour'].map((name) => uniqueName(name).replaceAll('-', '_')) as [
  string,
  string,
]
const password = `it's "odd"/@:%`

let database: TestDatabase
let admin: pg.Client
beforeAll(async () => {
  database = await createTestDatabase({ service: 'db_provision', provision })
  admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  await Promise.all(
    [owner, neighbour].map((service) => provision({ adminUrl: database.adminUrl, service, password })),
  )
})
afterAll(async () => {
  for (const role of [owner, neighbour]) await admin.query(`drop owned by ${role} cascade; drop role ${role}`)
  await admin.end()
  await database.close()
})

async function as<Result>(service: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: serviceUrl(database.adminUrl, service, password) })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

test('lets the role log in and find its own tables without a prefix', async () => {
  await as(owner, async (client) => {
    await client.query('create table mine (id int)')
    const { rows } = await client.query(
      `select current_user as role, schemaname from pg_tables where tablename = 'mine'`,
    )
    expect(rows).toEqual([{ role: owner, schemaname: owner }])
  })
})

test("refuses a role on another service's schema, and on the public one", async () => {
  await as(owner, (client) => client.query('create table secrets (id int)'))
  await as(neighbour, async (client) => {
    const denied = { code: '42501' }
    await expect(client.query(`select * from ${owner}.secrets`)).rejects.toMatchObject(denied)
    await expect(client.query(`insert into ${owner}.secrets values (1)`)).rejects.toMatchObject(denied)
    await expect(client.query(`create table ${owner}.intruder (id int)`)).rejects.toMatchObject(denied)
    await expect(client.query('create table public.intruder (id int)')).rejects.toMatchObject(denied)
    await expect(client.query(`create table extensions.intruder (id int)`)).rejects.toMatchObject(denied)
    await expect(client.query('create role another')).rejects.toMatchObject(denied)
    await expect(client.query(`alter role ${owner} password 'x'`)).rejects.toMatchObject(denied)
  })
})

test('makes the extensions usable for every role', async () => {
  await as(neighbour, async (client) => {
    const { rows } = await client.query(
      `select similarity('water', 'waters') > 0.5 as trgm, 'a.b'::ltree <@ 'a'::ltree as ltree, unaccent('Zoë') as plain`,
    )
    expect(rows).toEqual([{ trgm: true, ltree: true, plain: 'Zoe' }])
  })
})

test('changes nothing when it runs again, also from many places at once', async () => {
  await as(owner, (client) => client.query('create table kept (id int); insert into kept values (7)'))
  const again = Array.from({ length: 6 }, () =>
    provision({ adminUrl: database.adminUrl, service: owner, password }),
  )
  await Promise.all(again)
  const { rows } = await as(owner, (client) => client.query('select id from kept'))
  expect(rows).toEqual([{ id: 7 }])
})

test('sets the password that it is given', async () => {
  const { adminUrl } = database
  await provision({ adminUrl, service: neighbour, password: 'another' })
  const { rows } = await admin.query('select rolpassword from pg_authid where rolname = $1', [neighbour])
  await provision({ adminUrl, service: neighbour, password })
  const { rows: back } = await admin.query('select rolpassword from pg_authid where rolname = $1', [
    neighbour,
  ])
  expect(rows[0].rolpassword).toMatch(/^SCRAM-SHA-256/)
  expect(back[0].rolpassword).not.toBe(rows[0].rolpassword)
})

test('leaves the password alone when it is given none', async () => {
  await provision({ adminUrl: database.adminUrl, service: owner })
  const { rows } = await as(owner, (client) => client.query('select current_user as role'))
  expect(rows).toEqual([{ role: owner }])
})

test('creates the database of a new installation, once', async () => {
  const url = new URL(database.adminUrl)
  url.pathname = `/${uniqueName('test-new')}`
  await Promise.all([ensureDatabase(url.href), ensureDatabase(url.href)])
  await provision({ adminUrl: url.href, service: owner, password })
  const client = new pg.Client({ connectionString: serviceUrl(url.href, owner, password) })
  await client.connect()
  const { rows } = await client.query('select current_schema() as schema')
  await client.end()
  expect(rows).toEqual([{ schema: owner }])
  await admin.query(`drop database ${pg.escapeIdentifier(url.pathname.slice(1))}`)
})

test.each(['', 'Catalog', '1st', 'a-b', 'a"b', 'x'.repeat(64)])('refuses %j as a name', async (service) => {
  await expect(provision({ adminUrl: database.adminUrl, service, password })).rejects.toThrow(RangeError)
})
