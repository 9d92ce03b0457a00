import { signCall, type Viewer } from '@freshet/http'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ShopContext } from './shop/context.ts'
import { openShop, type Shop, secret } from './shop/shop.ts'

const at = '2026-11-23T03:44:00.000Z'
const viewer: Viewer = { id: '42', roles: ['CUSTOMER'], sessionId: 's1' }

let shop: Shop
let url: string
const arrived: string[] = []
const aborted: string[] = []
const demanded: (string | undefined)[] = []
/** Holds the requests of some viewers up before their first statement; while there is one, arrivals are noted. */
const gates = new Map<string, Promise<void>>()
beforeAll(async () => {
  shop = await openShop({
    // fetch may hold a connection that it never used, for which closing waits.
    shutdown: { graceMs: 500 },
    context: async (input) => {
      demanded.push(input.atLeast)
      input.signal.addEventListener('abort', () => aborted.push(String(input.viewer()?.id)))
      // To look who it is would make the answer the viewer's own.
      if (gates.size > 0) {
        const id = String(input.viewer()?.id)
        arrived.push(id)
        await gates.get(id)
      }
      return { ...input, database: shop.database } as ShopContext
    },
    routes: (app) => {
      app.post('/internal/whoami', async (request) => ({ viewer: request.viewer, body: request.body }))
    },
  })
  url = await shop.subgraph.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => shop.close())

async function post(path: string, body: string, headers: Record<string, string>, signal?: AbortSignal) {
  const answer = await fetch(url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    signal,
  })
  const content = (await answer.json()) as Record<string, unknown>
  return { status: answer.status, body: content, cacheControl: answer.headers.get('cache-control') }
}

function signed(path: string, content: unknown, by: Viewer | null = viewer, signal?: AbortSignal) {
  const body = JSON.stringify(content)
  return post(path, body, signCall({ secret, body, viewer: by, path }), signal)
}

test('answers a signed call, for the viewer that it was signed for', async () => {
  const query = '{ viewer }'
  expect(await signed('/graphql', { query })).toMatchObject({ status: 200, body: { data: { viewer: '42' } } })
  expect(await signed('/graphql', { query }, null)).toMatchObject({ body: { data: { viewer: null } } })
})

test('says how long an answer may be kept, to HTTP caches too', async () => {
  expect(await signed('/graphql', { query: '{ viewer }' })).toMatchObject({
    body: { extensions: { freshet: { maxAge: 60, scope: 'PRIVATE', tags: [] } } },
    cacheControl: 'max-age=60, private',
  })
  expect(
    await signed('/graphql', { query: 'query ($at: DateTime!) { at(when: $at) }', variables: { at } }),
  ).toEqual({
    status: 200,
    body: { data: { at }, extensions: { freshet: { maxAge: 60, scope: 'PUBLIC', tags: [] } } },
    cacheControl: 'max-age=60, public',
  })
  const unfit = await signed('/graphql', { query: '{ viewer secret }' })
  expect(unfit.cacheControl).toBe('no-store')
  expect(unfit.body.extensions).toBeUndefined()
})

test('takes in which sequence of its cache domain an answer must show', async () => {
  demanded.length = 0
  const ask = async (sequence?: string) => {
    const body = JSON.stringify({ query: '{ viewer }' })
    const headers = signCall({ secret, body, viewer, path: '/graphql' })
    return post('/graphql', body, {
      ...headers,
      ...(sequence !== undefined && { 'freshet-sequence': sequence }),
    })
  }
  expect(await ask('9007199254740991')).toMatchObject({ status: 200 })
  expect(await ask()).toMatchObject({ status: 200 })
  expect(demanded).toEqual(['9007199254740991', undefined])
  for (const sequence of ['', 'x', '-1', '1, 2', '12345678901234567']) {
    expect(await ask(sequence)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    })
  }
})

test.each(['/graphql', '/internal/whoami'])('refuses an unsigned call of %s', async (path) => {
  const refused = { status: 401, body: { errors: [{ extensions: { code: 'SIGNATURE_INVALID' } }] } }
  const body = JSON.stringify({ query: '{ viewer }' })
  expect(await post(path, body, {})).toMatchObject(refused)
  expect(
    await post(path, body, signCall({ secret: 'another-secret-0001', body, viewer, path })),
  ).toMatchObject(refused)
  expect(await post(path, `${body} `, signCall({ secret, body, viewer, path }))).toMatchObject(refused)
  expect(await post(path, body, signCall({ secret, body, viewer, path: '/other' }))).toMatchObject(refused)
  const { 'freshet-viewer': _, ...headers } = signCall({ secret, body, viewer, path })
  expect(await post(path, body, headers)).toMatchObject(refused)
})

test("gives the service's own routes the viewer and the parsed body", async () => {
  const { status, body } = await signed('/internal/whoami', { token: 'x' })
  expect(status).toBe(200)
  expect(body).toEqual({ viewer, body: { token: 'x' } })
})

test('answers what is not GraphQL with 400, and a readable error', async () => {
  const codeOf = async (content: unknown) => {
    const { status, body } = await signed('/graphql', content)
    const [error] = body.errors as { extensions: { code: string; service: string } }[]
    return [status, error!.extensions.code, error!.extensions.service]
  }
  expect(await codeOf({ query: '{ nothing }' })).toEqual([400, 'GRAPHQL_VALIDATION_FAILED', 'shop'])
  expect(await codeOf({ query: '{' })).toEqual([400, 'GRAPHQL_PARSE_FAILED', 'shop'])
  expect(await codeOf({ variables: {} })).toEqual([400, 'BAD_REQUEST', 'shop'])
  expect(await codeOf([{ query: '{ viewer }' }])).toEqual([400, 'BAD_REQUEST', 'shop'])
})

test('answers partial data, and variables that can not be, with 200', async () => {
  const partial = await signed('/graphql', { query: '{ secret viewer }' })
  expect(partial).toMatchObject({ status: 200, body: { data: { secret: null, viewer: '42' } } })
  const query = 'query ($when: DateTime!) { at(when: $when) }'
  const wrong = await signed('/graphql', { query, variables: { when: 'soon' } })
  expect(wrong).toMatchObject({ status: 200, body: { errors: [{ extensions: { argument: 'when' } }] } })
})

test('serves its schema behind the signature, and no page to browsers', async () => {
  const { body } = await signed('/graphql', { query: '{ _service { sdl } __schema { queryType { name } } }' })
  expect(body).toMatchObject({ data: { _service: { sdl: expect.stringContaining('type Product @key') } } })
  expect((await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(405)
})

test('is ready while its checks pass', async () => {
  const answer = await fetch(`${url}/readyz`)
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok', checks: { postgres: 'ok' } }])
})

test('is ready, but degraded, while a part is away that it can do without', async () => {
  const degraded = await openShop({ observed: () => ({ redis: 'not connected', kafka: 'ok' }) })
  const answer = await degraded.subgraph.app.inject('/readyz')
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { status: 'degraded', checks: { postgres: 'ok' }, observed: { redis: 'not connected', kafka: 'ok' } },
  ])
  await degraded.close()
})

test('tells resolvers when the caller goes away, and only then', async () => {
  gates.set('2', Promise.resolve())
  await signed('/graphql', { query: '{ viewer }' }, { ...viewer, id: '1' })
  const leaving = new AbortController()
  const slow = signed('/graphql', { query: '{ slow }' }, { ...viewer, id: '2' }, leaving.signal)
  slow.catch(() => {})
  await eventually(() => expect(arrived).toContain('2'))
  leaving.abort()
  await expect(slow).rejects.toThrow()
  await eventually(async () => expect(aborted).toEqual(['2']))
})

test('begins no statement for a caller that has gone away, and goes on with those of others', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  gates.set('3', promise)
  const statements: string[] = []
  const stop = shop.database.onStatement((sql) => statements.push(sql))
  const query = '{ products { nodes { name } } }'
  const leaving = new AbortController()
  const left = signed('/graphql', { query }, { ...viewer, id: '3' }, leaving.signal)
  left.catch(() => {})
  await eventually(() => expect(arrived).toContain('3'))
  leaving.abort()
  await expect(left).rejects.toThrow()
  await eventually(() => expect(aborted).toContain('3'))
  resolve()
  // Its statement would be sent by now, before that of a caller who comes later and waits.
  const { body } = await signed('/graphql', { query }, { ...viewer, id: '4' })
  expect(body).toMatchObject({ data: { products: { nodes: expect.any(Array) } } })
  expect(statements).toHaveLength(1)
  expect(shop.logged.filter(({ level }) => level === 'error')).not.toContainEqual(
    expect.objectContaining({ msg: 'a resolver failed', path: 'products' }),
  )
  stop()
})

test('answers the calls in flight before it closes, and takes no more', async () => {
  const closing = await openShop()
  const address = await closing.subgraph.listen({ host: '127.0.0.1', port: 0 })
  const body = JSON.stringify({ query: '{ slow }' })
  const headers = { 'content-type': 'application/json', ...signCall({ secret, body, viewer }) }
  const inFlight = fetch(`${address}/graphql`, { method: 'POST', body, headers })
  const { pool } = closing.database
  await eventually(async () => expect(pool.totalCount - pool.idleCount).toBe(1))
  await closing.close()
  expect(await (await inFlight).json()).toMatchObject({ errors: [{ extensions: { code: 'TIMEOUT' } }] })
  await expect(fetch(`${address}/livez`)).rejects.toThrow()
})
