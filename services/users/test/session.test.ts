import { once } from 'node:events'
import { signCall } from '@freshet/http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Harness, openUsers, PASSWORD, SECRET } from './harness.ts'

let h: Harness
let counter = 0
beforeAll(async () => {
  h = await openUsers({
    limits: { triesPerAccount: 3, windowSeconds: 60, triesPerMinute: 10_000 },
    sessions: { lifetimeSeconds: 3600, perAccount: 4 },
  })
})
afterAll(() => h.close())

const SIGN_IN = `mutation ($input: SignInInput!) {
  signIn(input: $input) { token expiresAt user { id handle email } userErrors { code message } }
}`
const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { token user { id } } }`

async function newAccount(): Promise<{ email: string; token: string; id: string }> {
  counter += 1
  const email = `s-${counter}@example.com`
  const input = { email, password: PASSWORD, handle: `s-${counter}`, displayName: 'S' }
  const { data } = await h.run({ query: SIGN_UP, variables: { input } })
  const id = Buffer.from(data.signUp.user.id, 'base64url').toString().split(':')[1]!
  return { email, token: data.signUp.token, id }
}

async function signIn(email: string, password = PASSWORD, on = h) {
  const { data, errors } = await on.run({ query: SIGN_IN, variables: { input: { email, password } } })
  return { ...data?.signIn, errors }
}

async function introspect(token: unknown, on = h) {
  const body = JSON.stringify({ token })
  const url = '/internal/sessions/introspect'
  const signature = signCall({ secret: SECRET, body, viewer: null, path: url })
  const headers = { 'content-type': 'application/json', ...signature }
  const response = await on.subgraph.app.inject({ method: 'POST', url, payload: body, headers })
  return { status: response.statusCode, body: response.json() }
}

/** What the gateway does with a token before it calls the subgraph. */
const asViewer = async (token: string) => (await introspect(token)).body.viewer

test('signs in with the right password, however the address is spelled', async () => {
  const { email } = await newAccount()
  const { token, user, userErrors } = await signIn(` ${email.toUpperCase()} `)
  expect(userErrors).toEqual([])
  expect(user.email).toBe(email)
  expect((await introspect(token)).body).toMatchObject({ active: true, viewer: { roles: ['CUSTOMER'] } })
})

test('a wrong password and an address that nobody has get the same answer', async () => {
  const { email } = await newAccount()
  const wrong = await signIn(email, 'wrong password')
  const nobody = await signIn('nobody@example.com', 'wrong password')
  expect(wrong).toEqual(nobody)
  expect(wrong).toMatchObject({ token: null, user: null, userErrors: [{ code: 'WRONG_CREDENTIALS' }] })
})

test('limits the tries for an address, tells the seconds, and a right password clears them', async () => {
  const { email } = await newAccount()
  for (let i = 0; i < 2; i++) await signIn(email, 'wrong password')
  expect((await signIn(email)).token).not.toBeNull()
  for (let i = 0; i < 3; i++)
    expect((await signIn(email, 'wrong password')).userErrors[0].code).toBe('WRONG_CREDENTIALS')
  const { token, userErrors } = await signIn(email)
  expect(token).toBeNull()
  expect(userErrors).toEqual([{ code: 'RATE_LIMITED', message: expect.stringMatching(/in \d+ seconds/) }])
})

test('many tries at the same time are counted one by one', async () => {
  const { email } = await newAccount()
  const answers = await Promise.all(Array.from({ length: 10 }, () => signIn(email, 'wrong password')))
  const codes = answers.map(({ userErrors }) => userErrors[0].code)
  expect(codes.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(3)
  expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(7)
})

test('limits what all addresses together may try in a minute', async () => {
  const busy = await openUsers({ limits: { triesPerAccount: 10, windowSeconds: 60, triesPerMinute: 2 } })
  try {
    for (const name of ['a', 'b'])
      expect((await signIn(`${name}@example.com`, 'wrong', busy)).userErrors[0].code).toBe(
        'WRONG_CREDENTIALS',
      )
    expect((await signIn('c@example.com', 'wrong', busy)).userErrors[0].code).toBe('RATE_LIMITED')
  } finally {
    await busy.close()
  }
})

test('a signed-out token is refused from then on, the others are not', async () => {
  const { email, token } = await newAccount()
  const { token: other } = await signIn(email)
  const { data } = await h.run({ query: 'mutation { signOut { signedOut } }', viewer: await asViewer(token) })
  expect(data.signOut.signedOut).toBe(true)
  expect((await introspect(token)).body).toEqual({ active: false })
  expect((await introspect(other)).body.active).toBe(true)
})

test('signing out without a session says so', async () => {
  const { data } = await h.run({ query: 'mutation { signOut { signedOut } }' })
  expect(data.signOut.signedOut).toBe(false)
})

test('lists the open sessions, the newest first, and marks the current one', async () => {
  const { email, token } = await newAccount()
  await signIn(email)
  const { data } = await h.run({
    query: '{ me { sessions { id current createdAt expiresAt } } }',
    viewer: await asViewer(token),
  })
  expect(data.me.sessions.map(({ current }: { current: boolean }) => current)).toEqual([false, true])
  expect(JSON.stringify(data)).not.toContain(token)
})

test('the oldest session gives way when an account has too many', async () => {
  const { email, token } = await newAccount()
  for (let i = 0; i < 4; i++) await signIn(email)
  expect((await introspect(token)).body).toEqual({ active: false })
})

test('keeps the hash of a token, not the token, and gives it no TTL that eviction could choose', async () => {
  const { token } = await newAccount()
  const keys = await h.redis.keys('{users}:session*')
  expect(keys.join()).not.toContain(token)
  for (const key of keys) expect(await h.redis.ttl(key)).toBe(-1)
  const { sessionId } = await asViewer(token)
  expect(await h.redis.exists(`{users}:session:${sessionId}`)).toBe(1)
})

test('a session that is over is refused, and swept away by a later sign-in', async () => {
  const brief = await openUsers({ sessions: { lifetimeSeconds: 0, perAccount: 4 } })
  try {
    const sign = { email: 'brief@example.com', password: PASSWORD, handle: 'brief', displayName: 'B' }
    const { data } = await brief.run({ query: SIGN_UP, variables: { input: sign } })
    expect((await introspect(data.signUp.token, brief)).body).toEqual({ active: false })
    await signIn(sign.email, PASSWORD, brief)
    expect(await brief.redis.keys('{users}:session:*')).toHaveLength(1)
    expect(await brief.redis.zcard('{users}:sessions-ending')).toBe(1)
  } finally {
    await brief.close()
  }
})

test('introspection tells the roles that the account has now', async () => {
  const { token, id } = await newAccount()
  expect((await introspect(token)).body.viewer.roles).toEqual(['CUSTOMER'])
  await h.db
    .updateTable('accounts')
    .set({ roles: ['CUSTOMER', 'SELLER'] })
    .where('id', '=', id)
    .execute()
  await h.cache.invalidate([`user:${id}`])
  expect((await introspect(token)).body.viewer).toMatchObject({ id, roles: ['CUSTOMER', 'SELLER'] })
})

test('introspection answers what is no token with "not active", and what is no question with 400', async () => {
  for (const token of ['', 'nonsense', `fst_${'A'.repeat(43)}`, 'fst_\0', '\ud800']) {
    expect(await introspect(token)).toEqual({ status: 200, body: { active: false } })
  }
  for (const token of [null, 7, ['a'], 'x'.repeat(1001)]) expect((await introspect(token)).status).toBe(400)
})

test('introspection refuses a call that is not signed', async () => {
  const { token } = await newAccount()
  const response = await h.subgraph.app.inject({
    method: 'POST',
    url: '/internal/sessions/introspect',
    payload: { token },
  })
  expect(response.statusCode).toBe(401)
  expect(response.json().errors[0].extensions.code).toBe('SIGNATURE_INVALID')
})

test('without Redis nobody signs in and nothing is said about tokens: errors that say so', async () => {
  const { email, token } = await newAccount()
  const ended = once(h.sessionRedis, 'end')
  h.sessionRedis.disconnect()
  await ended
  try {
    const { errors } = await signIn(email)
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE', service: 'users' } }])
    expect((await introspect(token)).status).toBe(503)
    const { errors: notOpened } = await h.run({
      query: SIGN_UP,
      variables: { input: { email: 'z@example.com', password: PASSWORD, handle: 'zzz', displayName: 'Z' } },
    })
    expect(notOpened).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  } finally {
    await h.sessionRedis.connect()
  }
  expect((await introspect(token)).body.active).toBe(true)
  const opened = await h.db.selectFrom('accounts').select('id').where('handle', '=', 'zzz').execute()
  expect(opened).toEqual([])
})
