import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  type Harness,
  insertAccounts,
  insertFacts,
  openUsers,
  PASSWORD,
  productId,
  viewer,
} from './harness.ts'

let h: Harness
beforeAll(async () => {
  h = await openUsers()
  await insertAccounts(h, 2)
  await insertFacts(h, 2)
})
afterAll(() => h.close())

/** The argument that the typed error names, for programs and for people. */
async function blamed(query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const { errors } = await h.run({ query, variables, viewer: viewer('1') })
  expect(errors).toHaveLength(1)
  expect(errors![0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', service: 'users' })
  const { argument } = errors![0]!.extensions!
  expect(errors![0]!.message).toContain(`\`${String(argument)}\``)
  return argument
}

const huge = 'x'.repeat(10_000_000)
const good = { email: 'a@example.com', password: PASSWORD, handle: 'abc', displayName: 'A' }

test.each([
  ['email', ''],
  ['email', '   '],
  ['email', 'no-at-sign'],
  ['email', '@example.com'],
  ['email', 'a@b'],
  ['email', 'a@b@example.com'],
  ['email', 'a b@example.com'],
  ['email', 'a@exa..mple.com'],
  ['email', 'a\u200b@example.com'],
  ['email', 'a\0@example.com'],
  ['email', 'a\ud800@example.com'],
  ['email', `a@${'b'.repeat(254)}.com`],
  ['email', huge],
  ['password', 'short'],
  ['password', ' '.repeat(12)],
  ['password', 'x'.repeat(201)],
  ['password', 'with a \0 inside it'],
  ['password', 'with a \udfff inside it'],
  ['password', huge],
  ['handle', 'ab'],
  ['handle', 'x'.repeat(31)],
  ['handle', '1abc'],
  ['handle', '-abc'],
  ['handle', 'Abc'],
  ['handle', 'ab_c'],
  ['handle', 'abc\n'],
  ['handle', 'äbc'],
  ['handle', huge],
  ['displayName', ''],
  ['displayName', ' \t '],
  ['displayName', 'x'.repeat(81)],
  ['displayName', 'a\nb'],
  ['displayName', 'a\u202eb'],
  ['displayName', 'a\0b'],
  ['displayName', '\udc00'],
  ['displayName', huge],
])('signUp refuses a bad %s', async (name, value) => {
  const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token } }'
  expect(await blamed(query, { input: { ...good, [name]: value } })).toBe(`input.${name}`)
})

test.each([
  ['email', 'nobody'],
  ['email', huge],
  ['password', huge],
  ['password', 'a\0b'],
])('signIn refuses an impossible %s', async (name, value) => {
  const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }'
  const input = { email: good.email, password: good.password, [name]: value }
  expect(await blamed(query, { input })).toBe(`input.${name}`)
})

test.each([
  ['displayName', null],
  ['displayName', ''],
  ['avatarUrl', ''],
  ['avatarUrl', 'not an address'],
  ['avatarUrl', 'http://example.com/a.png'],
  ['avatarUrl', 'javascript:alert(1)'],
  ['avatarUrl', 'data:image/png;base64,AA'],
  ['avatarUrl', 'https://user:secret@example.com/'],
  ['avatarUrl', `https://example.com/${'ä'.repeat(1900)}`],
  ['avatarUrl', `https://example.com/${huge}`],
  ['locale', null],
  ['locale', 'not_a_locale'],
  ['locale', 'x'],
  ['locale', huge],
  ['currency', null],
  ['currency', 'usd'],
  ['currency', 'QQQ'],
  ['currency', 'US'],
  ['priceDropNotifications', null],
])('updateProfile refuses a bad %s', async (name, value) => {
  const query =
    'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code } } }'
  expect(await blamed(query, { input: { [name]: value } })).toBe(`input.${name}`)
})

const badIds = [
  '',
  '1',
  'nonsense',
  'VXNlcjo',
  huge.slice(0, 100_000),
  ...[
    'User:0',
    'User:-1',
    'User:1.5',
    'User:9999999999999999999',
    'User:1 ',
    'user:1',
    'Product:1:2',
    'User:1\0',
  ].map((text) => Buffer.from(text).toString('base64url')),
]

test.each(badIds)('refuses %p as an id, wherever one is expected', async (id) => {
  expect(await blamed('query ($id: ID!) { user(id: $id) { id } }', { id })).toBe('id')
  for (const name of ['addToWishlist', 'removeFromWishlist']) {
    expect(
      await blamed(`mutation ($id: ID!) { ${name}(input: { productId: $id }) { userErrors { code } } }`, {
        id,
      }),
    ).toBe('input.productId')
  }
  const mark = 'mutation ($ids: [ID!]) { markNotificationsRead(input: { ids: $ids }) { markedCount } }'
  const known = Buffer.from('Notification:1').toString('base64url')
  expect(await blamed(mark, { ids: [known, id] })).toBe('input.ids[1]')
})

test('refuses more than 100 ids at once', async () => {
  const ids = Array.from({ length: 101 }, (_, index) =>
    Buffer.from(`Notification:${index + 1}`).toString('base64url'),
  )
  expect(
    await blamed('mutation ($ids: [ID!]) { markNotificationsRead(input: { ids: $ids }) { markedCount } }', {
      ids,
    }),
  ).toBe('input.ids')
})

test('one malformed representation fails alone', async () => {
  const representations = [productId(1), 'nonsense', productId(2)].map((id) => ({
    __typename: 'Product',
    id,
  }))
  const { data, errors } = await h.run({
    query:
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Product { wishlistedByCount } } }',
    variables: { representations },
  })
  expect(data._entities).toEqual([{ wishlistedByCount: 0 }, null, { wishlistedByCount: 0 }])
  expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT' } }])
})

const cursorOfOthers = async () =>
  (await h.run({ query: '{ me { notifications { pageInfo { endCursor } } } }', viewer: viewer('1') })).data.me
    .notifications.pageInfo.endCursor

describeList('wishlist')
describeList('notifications')

function describeList(list: string) {
  test.each([
    ['first: -1', 'first'],
    ['first: 0', 'first'],
    ['first: 101', 'first'],
    ['first: 1000', 'first'],
    ['last: -1', 'last'],
    ['last: 101', 'last'],
    ['first: 5, last: 5', 'last'],
    ['first: 5, before: "x"', 'before'],
    ['last: 5, after: "x"', 'after'],
    ['first: 5, after: ""', 'after'],
    ['first: 5, after: "nonsense"', 'after'],
    ['last: 5, before: "bm9uc2Vuc2U"', 'before'],
    [`first: 5, after: "${'x'.repeat(100_000)}"`, 'after'],
  ])(`${list} refuses (%.40s)`, async (args, argument) => {
    expect(await blamed(`{ me { ${list}(${args}) { pageInfo { endCursor } } } }`)).toBe(argument)
  })
}

test('a cursor of another list is refused, and only the alias that it came by fails', async () => {
  await h.db.insertInto('notifications').values({ user_id: '1', kind: 'WELCOME', message: 'm' }).execute()
  const after = await cursorOfOthers()
  const { data, errors } = await h.run({
    query: `query ($after: String) { me { good: wishlist(first: 2) { totalCount } bad: wishlist(first: 3, after: $after) { totalCount } } }`,
    variables: { after },
    viewer: viewer('1'),
  })
  expect(data.me).toEqual({ good: { totalCount: 0 }, bad: null })
  expect(errors).toMatchObject([
    { path: ['me', 'bad'], extensions: { code: 'BAD_USER_INPUT', argument: 'after' } },
  ])
})
