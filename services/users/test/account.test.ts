import { openFailingCache } from '@freshet/subgraph/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Harness, openUsers, PASSWORD, storedEvents, userId, viewer } from './harness.ts'

let h: Harness
beforeAll(async () => {
  h = await openUsers()
})
afterAll(() => h.close())

const SIGN_UP = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { token expiresAt user { id handle email displayName roles } userErrors { code field message } }
}`

let counter = 0
const anew = (input: Record<string, unknown> = {}) => {
  counter += 1
  return {
    email: `new-${counter}@example.com`,
    password: PASSWORD,
    handle: `new-${counter}`,
    displayName: `New ${counter}`,
    ...input,
  }
}

async function signUp(input: Record<string, unknown>) {
  const { data, errors } = await h.run({ query: SIGN_UP, variables: { input } })
  return { payload: data?.signUp, errors }
}

const rawId = (id: string) => Buffer.from(id, 'base64url').toString().split(':')[1]!

test('opens an account and signs it in', async () => {
  const { payload, errors } = await signUp(
    anew({ email: '  Zoë@Exämple.COM ', handle: 'zoe-42', displayName: ' Zoë ' }),
  )
  expect(errors).toBeUndefined()
  expect(payload.userErrors).toEqual([])
  expect(payload.token).toMatch(/^fst_[A-Za-z0-9_-]{43}$/)
  expect(Date.parse(payload.expiresAt)).toBeGreaterThan(Date.now())
  expect(payload.user).toMatchObject({
    handle: 'zoe-42',
    email: 'zoë@exämple.com',
    displayName: 'Zoë',
    roles: ['CUSTOMER'],
  })
})

test('keeps an argon2id hash of the password, and the password nowhere', async () => {
  const { payload } = await signUp(anew())
  const row = await h.db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', rawId(payload.user.id))
    .executeTakeFirstOrThrow()
  expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$/)
  expect(JSON.stringify(await storedEvents(h))).not.toContain(PASSWORD)
})

test('stores the event of a new account, and welcomes it', async () => {
  const { payload } = await signUp(anew({ handle: 'welcomed', displayName: 'Wel Come' }))
  const id = rawId(payload.user.id)
  expect(await storedEvents(h)).toContainEqual({
    type: 'freshet.users.account-changed.v1',
    data: { userId: id, handle: 'welcomed', displayName: 'Wel Come', change: 'created' },
  })
  const { data } = await h.run({
    query: '{ me { notifications { unreadCount nodes { kind message product { id } readAt } } } }',
    viewer: viewer(id),
  })
  expect(data.me.notifications).toEqual({
    unreadCount: 1,
    nodes: [{ kind: 'WELCOME', message: expect.stringContaining('Wel Come'), product: null, readAt: null }],
  })
})

test('an account is found at once, although its id had been asked for before it existed', async () => {
  const { payload: before } = await signUp(anew())
  const next = userId(Number(rawId(before.user.id)) + 1)
  const ask = () => h.run({ query: 'query ($id: ID!) { user(id: $id) { handle } }', variables: { id: next } })
  expect((await ask()).data.user).toBeNull()
  const { payload } = await signUp(anew({ handle: 'late-comer' }))
  expect(payload.user.id).toBe(next)
  expect((await ask()).data.user).toEqual({ handle: 'late-comer' })
})

test('names everything that is taken, however it is spelled', async () => {
  await signUp(anew({ email: 'José@example.com', handle: 'jose' }))
  const decomposed = 'JOSÉ@example.com'.normalize('NFD')
  const { payload } = await signUp(anew({ email: decomposed, handle: 'jose' }))
  expect(payload.token).toBeNull()
  expect(payload.user).toBeNull()
  expect(
    payload.userErrors.map(({ code, field }: { code: string; field: string[] }) => [code, field]),
  ).toEqual([
    ['TAKEN', ['input', 'email']],
    ['TAKEN', ['input', 'handle']],
  ])
})

test('of many sign-ups with one e-mail at the same time exactly one wins', async () => {
  const tries = Array.from({ length: 12 }, (_, index) =>
    anew({ email: 'race@example.com', handle: `racer-${index}` }),
  )
  const answers = await Promise.all(tries.map(signUp))
  expect(answers.filter(({ payload }) => payload.token !== null)).toHaveLength(1)
  const lost = answers.filter(({ payload }) => payload.token === null)
  expect(
    lost.flatMap(({ payload }) => payload.userErrors.map((error: { code: string }) => error.code)),
  ).toEqual(Array.from({ length: 11 }, () => 'TAKEN'))
})

test('gives nobody a reserved handle', async () => {
  const { payload } = await signUp(anew({ handle: 'admin' }))
  expect(payload.userErrors).toMatchObject([{ code: 'TAKEN', field: ['input', 'handle'] }])
})

const UPDATE = `mutation ($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    user { displayName avatarUrl preferences { locale currency priceDropNotifications } }
    userErrors { code }
  }
}`

test('a changed profile is in the answer, in the next query and in the outbox', async () => {
  const { payload } = await signUp(anew({ handle: 'changer' }))
  const id = rawId(payload.user.id)
  const me = () => h.run({ query: '{ me { displayName preferences { locale } } }', viewer: viewer(id) })
  await me()
  const { data } = await h.run({
    query: UPDATE,
    variables: {
      input: {
        displayName: 'Changed',
        avatarUrl: 'https://example.com/ä.png',
        locale: 'de-ch',
        currency: 'CHF',
        priceDropNotifications: false,
      },
    },
    viewer: viewer(id),
  })
  expect(data.updateProfile).toEqual({
    user: {
      displayName: 'Changed',
      avatarUrl: 'https://example.com/%C3%A4.png',
      preferences: { locale: 'de-CH', currency: 'CHF', priceDropNotifications: false },
    },
    userErrors: [],
  })
  expect((await me()).data.me).toEqual({ displayName: 'Changed', preferences: { locale: 'de-CH' } })
  expect(await storedEvents(h)).toContainEqual({
    type: 'freshet.users.account-changed.v1',
    data: { userId: id, handle: 'changer', displayName: 'Changed', change: 'updated' },
  })
})

test('a profile that is changed again after its writer died is fresh in the next read', async () => {
  const { payload } = await signUp(anew({ displayName: 'Before' }))
  const as = viewer(rawId(payload.user.id))
  const name = async () => (await h.run({ query: '{ me { displayName } }', viewer: as })).data.me.displayName
  const change = { query: UPDATE, variables: { input: { displayName: 'After' } }, viewer: as }
  expect(await name()).toBe('Before')
  // Commits, and its invalidations reach nobody.
  const dead = await h.openWith(openFailingCache(h).cache)
  await dead.subgraph.executeOperation(change)
  await dead.close()
  expect(await name()).toBe('Before')
  await h.run(change)
  expect(await name()).toBe('After')
})

test('what is left out stays, null removes the avatar, and nothing new is no event', async () => {
  const { payload } = await signUp(anew({ displayName: 'Same' }))
  const id = rawId(payload.user.id)
  const update = (input: object) => h.run({ query: UPDATE, variables: { input }, viewer: viewer(id) })
  await update({ avatarUrl: 'https://example.com/a.png' })
  const before = await storedEvents(h)
  const { data } = await update({ displayName: 'Same', avatarUrl: 'https://example.com/a.png' })
  expect(data.updateProfile.user).toMatchObject({
    displayName: 'Same',
    avatarUrl: 'https://example.com/a.png',
  })
  expect(await storedEvents(h)).toEqual(before)
  const removed = await update({ avatarUrl: null })
  expect(removed.data.updateProfile.user).toMatchObject({ displayName: 'Same', avatarUrl: null })
})

test('two updates in one request each see their own outcome', async () => {
  const { payload } = await signUp(anew())
  const { data } = await h.run({
    query: `mutation {
      a: updateProfile(input: { displayName: "First" }) { user { displayName } }
      b: updateProfile(input: { displayName: "Second" }) { user { displayName } }
    }`,
    viewer: viewer(rawId(payload.user.id)),
  })
  expect([data.a.user.displayName, data.b.user.displayName]).toEqual(['First', 'Second'])
})

test('an anonymous viewer has no me, and may change nothing', async () => {
  expect((await h.run({ query: '{ me { id } }' })).data.me).toBeNull()
  const { errors } = await h.run({ query: UPDATE, variables: { input: { displayName: 'X' } } })
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', service: 'users' } }])
})
