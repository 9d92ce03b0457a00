import { expect, test } from '@jest/globals'
import { ask, signIn, userId } from '../supergraph.ts'

const unique = () => Math.random().toString(36).slice(2, 10)

test('signs up, is known at once, signs out, and the token is refused from then on', async () => {
  const handle = `new-${unique()}`
  const input = {
    handle,
    email: `${handle}@example.com`,
    password: 'a long enough one',
    displayName: 'Søren 東',
  }
  const { data, errors } = await ask('SignUp', { input })
  expect(errors).toBeUndefined()
  const { token, user } = data.signUp
  expect(user).toMatchObject({ handle, displayName: 'Søren 東' })

  const me = await ask('Me', {}, { token })
  expect(me.data.me).toMatchObject({ id: user.id, email: input.email, roles: ['CUSTOMER'] })
  expect(me.data.me.notifications.nodes[0]).toMatchObject({ kind: 'WELCOME' })

  expect((await ask('SignOut', {}, { token })).data.signOut).toEqual({ signedOut: true })
  const refused = await ask('Me', {}, { token })
  expect(refused.status).toBe(401)
  expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('me is null for a guest', async () => {
  expect((await ask('Me')).data).toEqual({ me: null })
})

test('shows what is private to its owner alone', async () => {
  const query =
    'query ($id: ID!) { user(id: $id) { handle email addresses { city } wishlist { totalCount } recentlyViewed { viewedAt } } }'
  const asDemo = await ask(query, { id: userId(1) }, { token: await signIn('demo') })
  expect(asDemo.data.user).toMatchObject({ handle: 'demo', email: 'demo@freshet.example' })
  expect(asDemo.data.user.addresses).toHaveLength(1)
  for (const token of [null, await signIn('seller')]) {
    const { data } = await ask(query, { id: userId(1) }, { token })
    expect(data.user).toEqual({
      handle: 'demo',
      email: null,
      addresses: null,
      wishlist: null,
      recentlyViewed: null,
    })
  }
})

test('a wrong password is refused without saying what was wrong', async () => {
  const wrong = (email: string) => ask('SignIn', { input: { email, password: 'not the password' } })
  const [known, unknown] = [await wrong('demo@freshet.example'), await wrong(`${unique()}@example.com`)]
  expect(known.data.signIn).toMatchObject({
    token: null,
    user: null,
    userErrors: [{ code: 'WRONG_CREDENTIALS' }],
  })
  expect(unknown.data.signIn).toEqual(known.data.signIn)
})

test('a token that never was is refused with 401', async () => {
  const { status, errors } = await ask('Me', {}, { token: 'fst_never' })
  expect(status).toBe(401)
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

test('a viewer that a client claims to be in a header of its own is ignored', async () => {
  const viewer = Buffer.from(JSON.stringify({ id: '1', roles: ['ADMIN'], sessionId: 'x' })).toString(
    'base64url',
  )
  const { data } = await ask('Me', {}, { headers: { 'freshet-viewer': viewer } })
  expect(data.me).toBeNull()
})
