import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { eventually } from '@freshet/testing'

/** What a front does with each request. `reset-once` breaks one connection off, then passes on. */
export type Fault =
  | 'none'
  | 'hang'
  | 'hang-in-body'
  | 'reset'
  | 'reset-once'
  | 'garbage'
  | 'huge'
  | 'status-500'
  | Answer
  | Held

/** Passes on when this has resolved. */
type Held = { readonly until: Promise<unknown> }

/** Answers with this instead of asking the service. */
type Answer = { readonly status?: number; readonly body: unknown }

/** Stands before a real service and misbehaves as told: real sockets, real bytes. */
export interface FaultFront {
  readonly url: string
  fault: Fault
  /** What the service says of an answer, as `extensions.freshet`: a small service has no cache of its own to tell of. */
  freshness:
    | ((request: { query: string; variables?: Record<string, unknown> }) => object | undefined)
    | undefined
  /** Bodies that arrived, the newest last. */
  readonly requests: {
    readonly path: string
    readonly body: string
    readonly headers: IncomingMessage['headers']
  }[]
  close(): Promise<void>
  /** Listens again, on the same port, after `close`. */
  reopen(): Promise<void>
}

export async function startFaultFront(target: string): Promise<FaultFront> {
  const requests: FaultFront['requests'] = []
  let port = 0
  let server: Server

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const path = request.url ?? '/'
    requests.push({ path, body, headers: request.headers })
    const fault = front.fault
    if (fault === 'hang') return
    if (fault === 'reset' || fault === 'reset-once') {
      if (fault === 'reset-once') front.fault = 'none'
      request.socket.destroy()
      return
    }
    if (fault === 'hang-in-body') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":{')
      return
    }
    if (fault === 'garbage') return void response.writeHead(200).end('<html>Bad gateway</html>')
    if (fault === 'status-500')
      return void response.writeHead(500).end('{"errors":[{"message":"secret insides"}]}')
    if (fault === 'huge') {
      response.writeHead(200, { 'content-type': 'application/json' })
      const stream = Readable.from(Array.from({ length: 200 }, () => ' '.repeat(10_000)))
      return void stream.pipe(response)
    }
    if (typeof fault === 'object' && 'until' in fault) await fault.until
    else if (typeof fault === 'object') {
      const given = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body)
      return void response.writeHead(fault.status ?? 200, { 'content-type': 'application/json' }).end(given)
    }
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers
    const answered = await fetch(target + path, {
      method: 'POST',
      body,
      headers: headers as Record<string, string>,
    })
    response.writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? '' })
    const freshet = path === '/graphql' ? front.freshness?.(JSON.parse(body)) : undefined
    if (freshet === undefined) return void response.end(await answered.text())
    response.end(JSON.stringify({ ...((await answered.json()) as object), extensions: { freshet } }))
  }

  async function open(): Promise<void> {
    server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy())
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  await open()
  const front: FaultFront = {
    url: `http://127.0.0.1:${port}`,
    fault: 'none',
    freshness: undefined,
    requests,
    async close() {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    // Somebody else's connection may have got the port meanwhile.
    reopen: () => eventually(open),
  }
  return front
}
