import { once } from 'node:events'
import { Agent, request as nodeRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createLogger } from '@freshet/telemetry'
import { afterEach, expect, test } from '@jest/globals'
import { createHttpServer, HttpError, type HttpServer, type HttpServerOptions } from '../src/index.ts'

const open: HttpServer[] = []
const logger = createLogger('test', { level: 'silent' })

async function serve(
  options: Partial<HttpServerOptions> = {},
  routes: (server: HttpServer) => void = () => {},
) {
  const server = createHttpServer({ name: 'test', logger, checks: {}, ...options })
  open.push(server)
  routes(server)
  return { server, url: await server.listen({ host: '127.0.0.1', port: 0 }) }
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function answer(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { errors } = (await response.json()) as {
    errors: [{ message: string; extensions: { code: string } }]
  }
  return { status: response.status, code: errors[0].extensions.code, message: errors[0].message }
}

const post = (url: string, body: string, type = 'application/json') =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': type } })

const echo = ({ app }: HttpServer) =>
  app.post('/echo', async (request) => ({ body: request.body, raw: request.rawBody }))

test('says that it lives, is ready, and what it measures', async () => {
  const { url } = await serve({ checks: { redis: async () => {}, postgres: async () => {} } })
  expect(await (await fetch(`${url}/livez`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
    status: 'ok',
    checks: { redis: 'ok', postgres: 'ok' },
  })
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
})

test('tells what it observes, and is ready whatever that is', async () => {
  const { url } = await serve({ checks: {}, observed: () => ({ 'subgraph users': 'failing' }) })
  const response = await fetch(`${url}/readyz`)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    status: 'degraded',
    checks: {},
    observed: { 'subgraph users': 'failing' },
  })
})

test('is not ready while a check fails, and says which without credentials', async () => {
  const { url } = await serve({
    checks: {
      postgres: () =>
        Promise.reject(new Error('connect ECONNREFUSED postgres://users:hunter2@db:5432/freshet\n at x')),
      redis: () => {
        throw new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })])
      },
      kafka: async () => {},
    },
  })
  const response = await fetch(`${url}/readyz`)
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({
    status: 'not ready',
    checks: {
      postgres: 'connect ECONNREFUSED postgres://***@db:5432/freshet',
      redis: 'ECONNREFUSED',
      kafka: 'ok',
    },
  })
})

test('checks that hang fail after their time, without holding up the others', async () => {
  const last = Promise.withResolvers<void>()
  const { url } = await serve({
    checkTimeoutMs: 400,
    checks: {
      hangs: () => new Promise<void>(() => {}),
      // Well only if the last one is asked while this one still waits.
      waits: () => last.promise,
      last: async () => last.resolve(),
    },
  })
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
    checks: { hangs: 'no answer within 400 ms', waits: 'ok', last: 'ok' },
  })
})

test('a storm of probes runs the checks once', async () => {
  let runs = 0
  const gate = Promise.withResolvers<void>()
  let arrived = 0
  const all = Promise.withResolvers<void>()
  const db = () => {
    runs += 1
    return gate.promise
  }
  const { url } = await serve({ checks: { db } }, ({ app }) => {
    app.addHook('onRequest', async () => {
      arrived += 1
      if (arrived === 20) all.resolve()
    })
  })
  const probes = Array.from({ length: 20 }, () => fetch(`${url}/readyz`))
  await all.promise
  await fetch(`${url}/livez`)
  gate.resolve()
  for (const probe of await Promise.all(probes)) expect(probe.status).toBe(200)
  expect(runs).toBe(1)
})

test('keeps the JSON body as it arrived, beside the parsed one', async () => {
  const { url } = await serve({}, echo)
  expect(await (await post(`${url}/echo`, '{ "a" : 1 }')).json()).toEqual({
    body: { a: 1 },
    raw: '{ "a" : 1 }',
  })
})

test.each([
  ['half an object', '{"a":', 400, 'BAD_REQUEST', 'The body is not valid JSON.'],
  ['nothing', '', 400, 'BAD_REQUEST', 'The body is empty; JSON is expected.'],
  ['a prototype', '{"__proto__":{"admin":true}}', 400, 'BAD_REQUEST', 'The body is not valid JSON.'],
  ['too much', `"${'x'.repeat(200)}"`, 413, 'PAYLOAD_TOO_LARGE', 'The body is larger than 100 bytes.'],
])('refuses a body of %s', async (_what, body, status, code, message) => {
  const { url } = await serve({ bodyLimitBytes: 100 }, echo)
  expect(await answer(await post(`${url}/echo`, body))).toEqual({ status, code, message })
})

test('refuses bytes that are not UTF-8, and keeps a byte order mark', async () => {
  const { url } = await serve({}, echo)
  const send = (bytes: Uint8Array<ArrayBuffer>) =>
    fetch(`${url}/echo`, { method: 'POST', body: bytes, headers: { 'content-type': 'application/json' } })
  const broken = await send(Buffer.from([0x22, 0x61, 0xff, 0x22]))
  expect(await answer(broken)).toEqual({
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The body is not valid UTF-8.',
  })
  const marked = await send(Buffer.from('\uFEFF"ü"'))
  expect(await marked.json()).toEqual({ body: 'ü', raw: '\uFEFF"ü"' })
})

test.each(['OPTIONS', 'DELETE', 'PUT'])('%s on a known path is not asked for a body', async (method) => {
  const { url } = await serve({}, echo)
  const response = await fetch(`${url}/echo`, { method, headers: { 'content-type': 'application/json' } })
  expect(response.headers.get('allow')).toBe('POST')
  expect(await answer(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
})

test('the body limit holds for bodies of unknown length', async () => {
  const { url } = await serve({ bodyLimitBytes: 100 }, echo)
  const stream = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 50; i++) controller.enqueue(new TextEncoder().encode('          '))
      controller.close()
    },
  })
  const response = await fetch(`${url}/echo`, {
    method: 'POST',
    body: stream,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  } as RequestInit)
  expect(await answer(response)).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
})

test('refuses bodies that are not JSON with 415', async () => {
  const { url } = await serve({}, echo)
  expect(await answer(await post(`${url}/echo`, '<a/>', 'text/xml'))).toMatchObject({
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  })
})

test('an unknown path is told what exists, without internal routes', async () => {
  const { url } = await serve({}, (server) => {
    echo(server)
    server.app.post('/internal/x', async () => ({}))
  })
  expect(await answer(await fetch(`${url}/grapqhl?x=1`))).toEqual({
    status: 404,
    code: 'NOT_FOUND',
    message: 'There is no GET /grapqhl here. There is: GET /livez, GET /metrics, GET /readyz, POST /echo.',
  })
  const long = await answer(await fetch(`${url}/${'x'.repeat(5_000)}`))
  expect(long.message.length).toBeLessThan(300)
})

test('a known path with another method is told which methods it answers', async () => {
  const { url } = await serve({}, echo)
  const response = await fetch(`${url}/echo`)
  expect(response.headers.get('allow')).toBe('POST')
  expect(await answer(response)).toEqual({
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: '/echo answers POST, not GET.',
  })
})

test('a malformed URL is refused in JSON', async () => {
  const { url } = await serve({}, ({ app }) => void app.get('/things/:id', async () => ({})))
  expect(await answer(await fetch(`${url}/things/%ff`))).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
})

test('what is not HTTP, or has too long headers, is answered in JSON and cut off', async () => {
  const { url } = await serve()
  for (const [bytes, status] of [
    ['HELLO\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
  ] as const) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    await once(socket, 'close')
    expect(received).toContain(`HTTP/1.1 ${status}`)
    expect(JSON.parse(received.split('\r\n\r\n')[1]!)).toHaveProperty(
      'errors.0.extensions.code',
      'BAD_REQUEST',
    )
  }
})

test('bounds the time for headers no longer than for the whole request: Node would swap the two', async () => {
  const { server } = await serve()
  expect(server.app.server).toMatchObject({ headersTimeout: 30_000, requestTimeout: 30_000 })
})

test('an error that a route throws is masked, unless it was made for the client', async () => {
  const { url } = await serve({}, ({ app }) => {
    app.get('/broken', async () => {
      throw new Error('password is hunter2')
    })
    app.get('/gone', async () => {
      throw new HttpError(410, 'SESSION_GONE', 'The session has ended.')
    })
  })
  expect(await answer(await fetch(`${url}/broken`))).toEqual({
    status: 500,
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong on our side.',
  })
  expect(await answer(await fetch(`${url}/gone`))).toEqual({
    status: 410,
    code: 'SESSION_GONE',
    message: 'The session has ended.',
  })
})

test('says which address is taken', async () => {
  const { url } = await serve()
  const port = Number(new URL(url).port)
  const second = createHttpServer({ name: 'second', logger, checks: {} })
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use by another process.`,
  )
  await second.close()
})

test('closing turns readiness off, finishes what is in flight, and ends kept-alive connections', async () => {
  const work = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { server, url } = await serve({}, ({ app }) => {
    app.get('/slow', async () => {
      begun.resolve()
      await work.promise
      return { done: true }
    })
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const slow = get(`${url}/slow`, agent)
  await begun.promise
  // A second connection, opened before closing begins, and used after.
  const probe = connect(Number(new URL(url).port), '127.0.0.1')
  await once(probe, 'connect')
  probe.write('GET /readyz HTTP/1.1\r\nhost: x\r\n')
  await fetch(`${url}/livez`)
  const closed = server.close()
  const again = server.close()
  probe.write('\r\n')
  const [answered] = (await once(probe, 'data')) as [Buffer]
  expect(answered.toString()).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"closing"/i)
  await expect(fetch(`${url}/livez`)).rejects.toThrow()
  work.resolve()
  expect(await slow).toEqual({ status: 200, connection: 'close', body: '{"done":true}' })
  await Promise.all([closed, again])
  agent.destroy()
})

test('while it drains, a closing server tells balancers and clients to go, and answers them', async () => {
  const { server, url } = await serve({ shutdown: { drainMs: 5_000 } })
  const closed = server.close()
  const probe = await fetch(`${url}/readyz`)
  expect([probe.status, probe.headers.get('connection')]).toEqual([503, 'close'])
  const request = await fetch(`${url}/livez`)
  expect([request.status, request.headers.get('connection')]).toEqual([200, 'close'])
  await closed
  await expect(fetch(`${url}/livez`)).rejects.toThrow()
})

test('closing does not wait for a connection that never asked anything', async () => {
  const { server, url } = await serve({ shutdown: { graceMs: 60_000 } })
  const { hostname, port } = new URL(url)
  const silent = connect(Number(port), hostname)
  await once(silent, 'connect')
  // A first request on another connection: by then the server has accepted the silent one, too.
  await fetch(`${url}/livez`)
  const ended = once(silent, 'close')
  silent.resume()
  await server.close()
  await ended
})

test('closing cuts off what is still in flight after the grace period', async () => {
  const begun = Promise.withResolvers<void>()
  const { server, url } = await serve({ shutdown: { graceMs: 100 } }, ({ app }) => {
    app.get('/stuck', () => {
      begun.resolve()
      return new Promise(() => {})
    })
  })
  const stuck = fetch(`${url}/stuck`)
  const cutOff = expect(stuck).rejects.toThrow('fetch failed')
  await begun.promise
  await server.close()
  await cutOff
})

function get(url: string, agent: Agent): Promise<{ status?: number; connection?: string; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status?: number
    connection?: string
    body: string
  }>()
  nodeRequest(url, { agent }, (response) => {
    const { statusCode: status, headers } = response
    text(response).then((body) => resolve({ status, connection: headers.connection, body }), reject)
  })
    .on('error', reject)
    .end()
  return promise
}
