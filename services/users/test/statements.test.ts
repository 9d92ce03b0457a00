import { countStatements } from '@freshet/database'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { type Harness, insertAccounts, insertFacts, openUsers, productId, userId, viewer } from './harness.ts'

let h: Harness
beforeAll(async () => {
  h = await openUsers()
  await insertAccounts(h, 60)
  await insertFacts(h, 60)
  await sql`insert into wishlist_items (user_id, product_id, price_minor, currency)
    select 1, id, 2000, 'USD' from generate_series(1, 60) as id`.execute(h.db)
  await sql`insert into notifications (user_id, kind, message, product_id)
    select 1, 'PRICE_DROP', 'm', id from generate_series(1, 60) as id`.execute(h.db)
  await sql`insert into addresses (user_id, recipient, lines, city, country)
    select 1, 'R' || id, '{a}', 'Bern', 'CH' from generate_series(1, 60) as id`.execute(h.db)
})
afterAll(() => h.close())
beforeEach(async () => {
  await h.cache.clear()
})

/** How many statements an operation takes with nothing cached. */
async function statementsOf(query: string, variables: Record<string, unknown> = {}): Promise<number> {
  const { result, statements } = await countStatements(h.database, () =>
    h.run({ query, variables, viewer: viewer('1') }),
  )
  expect(result.errors).toBeUndefined()
  return statements.length
}

const ITEM =
  'id addedAt priceWhenAdded { amount } priceDropPercent product { id wishlistedByCount viewerHasWishlisted }'
const WISHLIST = `query ($first: Int) { me { wishlist(first: $first) { totalCount nodes { ${ITEM} } } } }`

test.each([1, 5, 50, 60])(
  'a wishlist of %i with everything about its products takes 6 statements',
  async (first) => {
    // account, page, total, facts, counts, the viewer's own
    expect(await statementsOf(WISHLIST, { first })).toBe(6)
  },
)

test.each([1, 5, 50])('%i notifications with products take 5 statements', async (first) => {
  // account, page, unread, counts, the viewer's own
  const query = `query ($first: Int) { me { notifications(first: $first) {
    unreadCount nodes { id message product { wishlistedByCount viewerHasWishlisted } } } } }`
  expect(await statementsOf(query, { first })).toBe(5)
})

test.each([1, 50])('%i products of _entities take 2 statements', async (count) => {
  const representations = Array.from({ length: count }, (_, index) => ({
    __typename: 'Product',
    id: productId(index + 1),
  }))
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Product { wishlistedByCount viewerHasWishlisted } } }`
  expect(await statementsOf(query, { representations })).toBe(2)
})

test.each([1, 50])('%i users of _entities take 1 statement', async (count) => {
  const representations = Array.from({ length: count }, (_, index) => ({
    __typename: 'User',
    id: userId(index + 1),
  }))
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on User { handle displayName email createdAt } } }`
  expect(await statementsOf(query, { representations })).toBe(1)
})

test('one user asked for many times in one operation is read once, lists and all', async () => {
  const representations = Array.from({ length: 50 }, () => ({ __typename: 'User', id: userId(1) }))
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on User { handle addresses { city } wishlist(first: 3) { totalCount nodes { id } } notifications { unreadCount nodes { id } } } } }`
  // account, addresses, two pages, two counts
  expect(await statementsOf(query, { representations })).toBe(6)
})

test('addresses take one statement, however many, and sessions none', async () => {
  expect(await statementsOf('{ me { addresses { city } sessions { id } } }')).toBe(2)
})

test('what is cached takes no statement: only the page and what is the viewer alone', async () => {
  expect(await statementsOf(WISHLIST, { first: 50 })).toBe(6)
  expect(await statementsOf(WISHLIST, { first: 50 })).toBe(2)
  expect(await statementsOf('{ me { handle email } }')).toBe(0)
})

test('every keyset page, in both directions, is a range of its index', async () => {
  await sql`insert into wishlist_items (user_id, product_id, added_at)
    select u, p, now() - make_interval(secs => p) from generate_series(2, 60) as u, generate_series(1, 200) as p`.execute(
    h.db,
  )
  await sql`analyze wishlist_items`.execute(h.db)
  for (const [comparison, direction] of [
    ['<', 'desc'],
    ['>', 'asc'],
  ] as const) {
    const plan = await sql<{ 'QUERY PLAN': string }>`explain select id from wishlist_items where user_id = 7
      and (added_at, id) ${sql.raw(comparison)} (now() - interval '90 s', 500)
      order by added_at ${sql.raw(direction)}, id ${sql.raw(direction)} limit 21`.execute(h.db)
    const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(text).toContain('wishlist_items_of_user')
    expect(text).not.toContain('Sort')
  }
})
