import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { ask, productId, sharedSystem, userId } from '../supergraph.ts'

/**
 * What a writer leaves that is killed between COMMIT and INVALIDATE: the row and its event in the outbox, and caches
 * that were told nothing. The running services must find the event and tell their own caches.
 */
const database = new pg.Client({ connectionString: sharedSystem().adminUrl })
beforeAll(() => database.connect())
afterAll(() => database.end())

async function dieAfterCommit(
  update: string,
  event: { owner: string; topic: string; type: string; key: string; data: object },
) {
  const cloudEvent = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: `urn:freshet:${event.owner}`,
    type: event.type,
    subject: event.key,
    time: new Date().toISOString(),
    data: event.data,
  }
  await database.query('begin')
  await database.query(update)
  await database.query(
    `insert into ${event.owner}.outbox (id, topic, key, type, payload) values ($1, $2, $3, $4, $5)`,
    [cloudEvent.id, event.topic, event.key, event.type, JSON.stringify(cloudEvent)],
  )
  await database.query('commit')
}

test("catalog's cache is told of a write whose writer died after its commit", async () => {
  const id = productId(41)
  const before = (await ask('ProductPage', { id })).data.product
  const title = `Orphaned ${Date.now()}`
  const { rows } = await database.query(
    `select p.seller_id, p.version, p.price_minor, p.currency, p.available, c.path_ids
     from catalog.products p join catalog.categories c on c.id = p.category_id where p.id = 41`,
  )
  const [row] = rows
  await dieAfterCommit(
    `update catalog.products set title = '${title}', version = version + 1, updated_at = now() where id = 41`,
    {
      owner: 'catalog',
      topic: 'catalog.product',
      type: 'freshet.catalog.product-changed.v1',
      key: '41',
      data: {
        productId: '41',
        version: row.version + 1,
        change: 'updated',
        title,
        sellerId: String(row.seller_id),
        categoryIds: row.path_ids.map(String),
        price: { amount: row.price_minor, currency: row.currency },
        available: row.available,
        changedAt: new Date().toISOString(),
      },
    },
  )
  await eventually(
    async () => {
      const { product } = (await ask('ProductPage', { id })).data
      expect(product).toMatchObject({ title, version: before.version + 1 })
    },
    { timeoutMs: 60_000 },
  )
})

test("users' cache is told of a write whose writer died after its commit", async () => {
  const query = 'query ($id: ID!) { user(id: $id) { handle displayName } }'
  const { user } = (await ask(query, { id: userId(50) })).data
  const displayName = `Orphaned ${Date.now()}`
  await dieAfterCommit(
    `update users.accounts set display_name = '${displayName}', version = version + 1 where id = 50`,
    {
      owner: 'users',
      topic: 'users.account',
      type: 'freshet.users.account-changed.v1',
      key: '50',
      data: { userId: '50', handle: user.handle, displayName, change: 'updated' },
    },
  )
  await eventually(
    async () => {
      expect((await ask(query, { id: userId(50) })).data.user.displayName).toBe(displayName)
    },
    { timeoutMs: 60_000 },
  )
})
