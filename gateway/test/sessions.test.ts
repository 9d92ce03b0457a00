import { verifyCall } from '@freshet/http'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, secret, startSmallGraph } from './graph/subgraphs.ts'
import { ask, startTestGateway } from './graph/test-gateway.ts'

const viewer = { id: '7', roles: ['CUSTOMER' as const], sessionId: 's-1' }
let graph: SmallGraph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSmallGraph()
})
beforeEach(async () => {
  graph.users.front.fault = 'none'
  graph.sessions.set('fst_good', viewer)
  await restart()
})

async function restart(env: Record<string, string> = {}): Promise<void> {
  await gateway?.close()
  gateway = await startTestGateway(graph, env)
}

/** How long sessions that hang are waited for. */
const impatient = { SESSION_TIMEOUT_MS: '300' }

afterAll(async () => {
  await gateway?.close()
  await graph?.close()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const lookUps = () => graph.users.front.requests.filter(({ path }) => path.startsWith('/internal')).length

test('a token is exchanged for its viewer, who is signed to every service', async () => {
  const { data, errors } = await ask(gateway, '{ me { name } views product(id: "1") { title } }', {
    headers: bearer('fst_good'),
  })
  expect({ data, errors }).toMatchObject({ data: { me: { name: 'User 7' }, views: 42 }, errors: [] })
  expect(graph.viewers.at(-1)).toEqual(viewer)
  for (const { front } of [graph.users, graph.catalog, graph.analytics]) {
    const { headers, body } = front.requests.at(-1)!
    expect(verifyCall({ secret, headers, body })).toEqual(viewer)
    expect(headers.authorization).toBeUndefined()
  }
})

test('without a token the viewer is anonymous and no session is looked up', async () => {
  const before = lookUps()
  expect((await ask(gateway, '{ me { name } }')).data).toEqual({ me: null })
  expect(graph.viewers.at(-1)).toBeNull()
  expect(lookUps()).toBe(before)
})

test('headers that a client makes up reach no service', async () => {
  const forged = Buffer.from(JSON.stringify({ ...viewer, roles: ['ADMIN'] })).toString('base64url')
  await ask(gateway, '{ me { name } }', {
    headers: { 'freshet-viewer': forged, 'freshet-signature': 't=1,v1=00', cookie: 'a=b', 'x-made-up': '1' },
  })
  expect(graph.viewers.at(-1)).toBeNull()
  const { headers } = graph.users.front.requests.at(-1)!
  expect(headers).not.toHaveProperty('freshet-viewer')
  expect(headers).not.toHaveProperty('cookie')
  expect(headers).not.toHaveProperty('x-made-up')
})

test('a sign-out takes effect with the very next request', async () => {
  expect((await ask(gateway, '{ me { name } }', { headers: bearer('fst_good') })).data.me).not.toBeNull()
  graph.sessions.delete('fst_good')
  const { status, data, errors, headers } = await ask(gateway, '{ me { name } views }', {
    headers: bearer('fst_good'),
  })
  expect({ status, data }).toEqual({ status: 401, data: undefined })
  expect(headers.get('www-authenticate')).toMatch(/^Bearer /)
  expect(errors).toEqual([
    {
      message:
        'The session has ended or the token is not valid. Sign in for a new token, or leave the header out to go on anonymously.',
      extensions: { code: 'UNAUTHENTICATED' },
    },
  ])
})

test.each([
  'Basic dTpw',
  'Bearer',
  'Bearer ',
  'Bearer a b',
  'fst_good',
  `Bearer ${'x'.repeat(600)}`,
  'Bearer ä',
])('the header "%s" is refused, not taken for anonymous', async (authorization) => {
  const before = lookUps()
  const { status, errors } = await ask(gateway, '{ views }', { headers: { authorization } })
  expect(status).toBe(401)
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  expect(lookUps()).toBe(before)
})

test.each([
  'reset' as const,
  'hang' as const,
  'garbage' as const,
  'status-500' as const,
  { status: 401, body: {} },
  { body: { active: true, viewer: { id: 'x' } } },
])('while sessions can not be checked (%j) the answer is an anonymous one, and says so', async (fault) => {
  if (fault === 'hang') await restart(impatient)
  graph.users.front.fault = fault
  const { status, data, errors } = await ask(gateway, '{ views }', { headers: bearer('fst_good') })
  expect({ status, data }).toEqual({ status: 200, data: { views: 42 } })
  expect(errors).toMatchObject([{ extensions: { code: 'SESSION_UNVERIFIED', service: 'users' } }])
})

test('hanging sessions are not waited for again and again', async () => {
  await restart(impatient)
  graph.users.front.fault = 'hang'
  const beforeAny = lookUps()
  for (let count = 0; count < 5; count++) await ask(gateway, '{ views }', { headers: bearer('fst_good') })
  // Once in a second one tries whether they are back: on a slow machine it may be the next one.
  await eventually(async () => {
    const before = lookUps()
    const { data, errors } = await ask(gateway, '{ views }', { headers: bearer('fst_good') })
    expect(lookUps()).toBe(before)
    expect(data).toEqual({ views: 42 })
    expect(errors).toMatchObject([{ extensions: { code: 'SESSION_UNVERIFIED' } }])
  })
  // Five, and two that tried.
  expect(lookUps() - beforeAny).toBeLessThan(8)
})

test('a mutation whose session can not be checked is refused, not done as a guest', async () => {
  graph.users.front.fault = 'status-500'
  const { status, data, errors } = await ask(
    gateway,
    'mutation { setPrice(input: { id: "1", amount: 5 }) { id } }',
    { headers: bearer('fst_good') },
  )
  expect(status).toBe(503)
  expect(data ?? null).toBeNull()
  expect(errors).toMatchObject([{ extensions: { code: 'SESSION_UNVERIFIED', service: 'users' } }])
})
