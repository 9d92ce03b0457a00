import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { type Harness, insertAccounts, insertFacts, openUsers, userId, viewer } from './harness.ts'

let h: Harness
beforeAll(async () => {
  h = await openUsers()
  await insertAccounts(h, 3)
  await insertFacts(h, 3)
  await sql`insert into addresses (user_id, recipient, lines, city, country, is_default)
    values (1, 'One', '{Street 1}', 'Bern', 'CH', false), (1, 'Work', '{Street 2}', 'Bern', 'CH', true)`.execute(
    h.db,
  )
  await sql`insert into wishlist_items (user_id, product_id) values (1, 1)`.execute(h.db)
  await sql`insert into notifications (user_id, kind, message) values (1, 'WELCOME', 'secret of one')`.execute(
    h.db,
  )
})
afterAll(() => h.close())

const FIELDS = `handle displayName email roles addresses { id recipient } preferences { locale currency }
  sessions { id } wishlist { totalCount nodes { id } } notifications { unreadCount nodes { message } }`
const USER = `query ($id: ID!) { user(id: $id) { ${FIELDS} } }`
const ENTITY = `query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { ${FIELDS} } } }`

const owned = ['email', 'roles', 'addresses', 'preferences', 'sessions', 'wishlist', 'notifications']
const others = Object.fromEntries(owned.map((field) => [field, null]))

/** The owner before and after the others, so that each reads what the one before had cached. */
const order = ['2', '1', '2', null, '1', '3', null] as const

test.each([
  ['user(id)', USER, 'user'],
  ['_entities', ENTITY, '_entities'],
])('%s shows what is private to its owner alone, whoever asked before', async (_name, query, field) => {
  for (const who of order) {
    const { data, errors } = await h.run({
      query,
      variables: { id: userId(1) },
      viewer: who === null ? null : viewer(who, ['ADMIN']),
    })
    expect(errors).toBeUndefined()
    const user = Array.isArray(data[field]) ? data[field][0] : data[field]
    expect(user).toMatchObject({ handle: 'user-1', displayName: 'User 1' })
    if (who !== '1') {
      expect(user).toMatchObject(others)
      continue
    }
    expect(user).toMatchObject({
      email: 'user-1@example.com',
      roles: ['CUSTOMER'],
      addresses: [{ recipient: 'Work' }, { recipient: 'One' }],
      preferences: { locale: 'en-US', currency: 'USD' },
      sessions: [],
      wishlist: { totalCount: 1 },
      notifications: { unreadCount: 1, nodes: [{ message: 'secret of one' }] },
    })
  }
})

test('what is cached of an account holds no password hash', async () => {
  await h.db
    .updateTable('accounts')
    .set({ password_hash: '$argon2id$secret-hash' })
    .where('id', '=', '2')
    .execute()
  await h.run({ query: USER, variables: { id: userId(2) }, viewer: viewer('2') })
  const entries = (await h.redis.keys('*e:account:*')) as string[]
  expect(entries.length).toBeGreaterThan(0)
  for (const key of entries) expect(await h.redis.get(key)).not.toContain('secret-hash')
})

test('unknown users are null, in a batch each in its place', async () => {
  const { data, errors } = await h.run({
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { handle } } }`,
    variables: { representations: [2, 77, 1].map((id) => ({ __typename: 'User', id: userId(id) })) },
  })
  expect(errors).toBeUndefined()
  expect(data._entities).toEqual([{ handle: 'user-2' }, null, { handle: 'user-1' }])
})
