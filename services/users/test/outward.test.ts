import type { Invalidated, OutgoingMessage } from '@freshet/events'
import { publishOnlyBus } from '@freshet/events/testing'
import { encodeId, tagsOfEvents } from '@freshet/subgraph'
import {
  type Answered,
  answersTo,
  changed,
  type FieldQuery,
  fieldQueries,
  leaks,
  missedChanges,
} from '@freshet/subgraph/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { invalidations } from '../src/invalidation.ts'
import {
  deliver,
  type Harness,
  insertAccounts,
  insertFacts,
  openUsers,
  PASSWORD,
  productChanged,
  productId,
  storedEvents,
  userId,
  viewer,
} from './harness.ts'

/* What users' answers tell the caches outside of it: on which tags they depend, for how long and for whom they are kept. */

const published: OutgoingMessage[] = []
const bus = publishOnlyBus(async (messages) => void published.push(...messages))

let h: Harness
let queries: FieldQuery[]
beforeAll(async () => {
  h = await openUsers({ bus })
  await insertAccounts(h, 3)
  await insertFacts(h, 5)
  await sql`insert into addresses (user_id, recipient, lines, city, country)
    select id, 'R' || id, '{a}', 'Bern', 'CH' from generate_series(1, 3) as id`.execute(h.db)
  await sql`insert into wishlist_items (user_id, product_id, price_minor, currency)
    values (1, 1, 2000, 'USD'), (1, 2, 1000, 'USD'), (2, 1, 1000, 'USD')`.execute(h.db)
  await sql`insert into notifications (user_id, kind, message, product_id)
    select id, 'PRICE_DROP', 'for ' || id, 1 from generate_series(1, 2) as id`.execute(h.db)
  queries = fieldQueries(h.subgraph.schema, {
    args: {
      'Query.user': [`id: "${userId(1)}"`],
      'User.wishlist': ['', 'last: 1'],
      'User.notifications': ['', 'last: 1'],
    },
    representations: {
      // 4 does not exist before it is opened.
      User: [1, 2, 3, 4].map((id) => ({ id: userId(id) })),
      Product: [1, 2, 3, 9].map((id) => ({ id: productId(id) })),
    },
  })
})
afterAll(() => h?.close())

/** As several viewers: what is kept for each of them must be told, too. */
const viewers = [null, viewer('1'), viewer('2', ['ADMIN'])]
async function everyAnswer(): Promise<Answered> {
  const answers = []
  for (const one of viewers) answers.push(...(await answersTo(h.subgraph, queries, one)))
  return answers
}

let before: Answered | undefined

/** Makes a change, and compares what everybody is answered before and after it, field by field. */
async function expectTold(change: () => Promise<Iterable<string>>): Promise<void> {
  before ??= await everyAnswer()
  const told = await change()
  // What the field cache served stale would hide what outer caches are not told.
  await h.cache.clear()
  const after = await everyAnswer()
  // The change must be one that these queries see, or the comparison proves nothing.
  expect(changed(before, after)).not.toEqual([])
  expect(missedChanges(before, after, told)).toEqual([])
  before = after
}

const one = viewer('1')
const mutations: [string, string][] = [
  [
    'a new account',
    `signUp(input: { email: "four@example.com", password: "${PASSWORD}", handle: "four", displayName: "Four" })`,
  ],
  ['another name', 'updateProfile(input: { displayName: "Uno" })'],
  ['another currency', 'updateProfile(input: { currency: "CHF" })'],
  ['one wish more', `addToWishlist(input: { productId: "${productId(3)}" })`],
  ['one wish less', `removeFromWishlist(input: { productId: "${productId(1)}" })`],
  ['a notification read', `markNotificationsRead(input: { ids: ["${encodeId('Notification', '1')}"] })`],
]

test.each(mutations)('what is kept outside is told of %s', async (_what, mutation) => {
  await expectTold(async () => {
    const query = `mutation { ${mutation} { userErrors { code message } } }`
    const { data, errors, extensions } = await h.run({ query, viewer: one })
    expect(errors).toBeUndefined()
    expect(Object.values(data)).toEqual([{ userErrors: [] }])
    const { tags, sequence } = extensions!.freshet!.invalidated!
    expect(sequence).toMatch(/^\d{16}$/)
    return tags
  })
})

test('what is kept outside is told of a price that fell, by the events of it', async () => {
  await expectTold(async () => {
    published.length = 0
    await sql`truncate outbox`.execute(h.db)
    await deliver(h, productChanged({ productId: '2', version: 2, amount: 100, title: 'Cheap' }))
    const messages = published.filter(({ topic }) => topic === 'users.invalidations')
    const invalidated = messages.map(({ value }) => JSON.parse(String(value)).data as Invalidated)
    expect(invalidated).toEqual([
      { domain: 'users', tags: ['product-facts:2'], sequence: expect.stringMatching(/^\d{16}$/) },
    ])
    // The service's own event, whose tags its self-invalidator tells.
    const events = (await storedEvents(h)).map(({ type, data }) => ({ event: { type } as never, data }))
    expect(events).toHaveLength(1)
    return [...invalidated.flatMap(({ tags }) => tags), ...tagsOfEvents(invalidations, events)]
  })
})

test('nothing of one viewer is kept for another', async () => {
  const answers = []
  for (const asking of [null, one, viewer('2', ['ADMIN']), viewer('3')]) {
    answers.push(await answersTo(h.subgraph, queries, asking))
  }
  expect(leaks(answers)).toEqual([])
  // They differ, or nothing was proven.
  expect(changed(answers[1]!, answers[2]!)).toEqual(
    expect.arrayContaining(['Query.me User.id', '_entities.Product Product.viewerHasWishlisted #2']),
  )
})

async function keptAs(field: string) {
  const asked = queries.filter(({ name }) => name.startsWith(field))
  const answers = await answersTo(h.subgraph, asked, one)
  return [
    ...new Set(
      answers.map(({ kept }) => (kept ? `${kept.maxAge} ${kept.isPrivate ? 'private' : 'public'}` : 'not')),
    ),
  ]
}

test.each([
  ['_entities.User User.displayName', ['3600 public']],
  ['_entities.Product Product.wishlistedByCount', ['3600 public']],
  ['_entities.Product Product.viewerHasWishlisted', ['60 private']],
  ['_entities.User User.email', ['60 private']],
  ['_entities.User User.wishlist', ['60 private']],
  ['_entities.User User.notifications', ['60 private']],
  ['_entities.User User.addresses', ['60 private']],
  ['_entities.User User.sessions', ['not']],
  ['Query.me User.displayName', ['60 private']],
  ['Query.me User.sessions', ['not']],
])('%s is kept %s', async (field, expected) => {
  expect(await keptAs(field)).toEqual(expected)
})

test('a page of a list depends on the list, wherever it begins', async () => {
  const page = async (args: string) => {
    const query = `{ me { wishlist(${args}) { nodes { id } pageInfo { endCursor } } } }`
    return h.run({ query, viewer: one })
  }
  const first = await page('first: 1')
  const tags = ['user:1', 'user', 'user-wishlist:1', 'wishlist']
  expect(first.extensions!.freshet).toEqual({ maxAge: 60, scope: 'PRIVATE', tags })
  const { endCursor } = first.data.me.wishlist.pageInfo
  expect((await page(`first: 1, after: "${endCursor}"`)).extensions).toEqual(first.extensions)
})
