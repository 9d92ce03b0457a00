import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Pool } from 'undici'

/** A cache of whole answers before one gateway. */
export interface NaiveAnswerCache {
  readonly url: string
  close(): Promise<void>
}

const TTL_SECONDS = 60
/** Between an answer and its SET, at most: a process is busy now and then. The race is there without it, but rarer. */
const STORED_AFTER_MS = 30

/**
 * What many build first: answers are SET under the digest of the question, each product has a set of the keys of the answers
 * that show it, and after a mutation the writer waits until these are deleted. All gateways share the Redis. It looks
 * right, and is not: a reader that asked before the write stores its answer after the deletion.
 */
export async function startNaiveAnswerCache(options: {
  gatewayUrl: string
  redisUrl: string
  /** Tells apart what several runs store. */
  prefix: string
}): Promise<NaiveAnswerCache> {
  const redis = new Redis(options.redisUrl, { enableAutoPipelining: true })
  const gateway = new Pool(options.gatewayUrl, { connections: 32 })
  const key = (name: string) => `${options.prefix}:${name}`
  const answersOf = (product: string) => key(`answers-of:${product}`)

  async function answer(body: string, authorization: string | undefined) {
    const isMutation = /^\s*mutation/.test(JSON.parse(body).query)
    const name = key(
      createHash('sha256')
        .update(body)
        .update(authorization ?? '')
        .digest('base64url'),
    )
    const known = isMutation ? null : await redis.get(name)
    if (known !== null) return { text: known, status: 'naive-answers; hit' }
    const { body: stream } = await gateway.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body,
    })
    const text = await stream.text()
    const products = new Set(text.match(/UHJvZHVjdD[\w-]+/g))
    if (isMutation) {
      for (const product of products) {
        const stale = await redis.smembers(answersOf(product))
        if (stale.length > 0) await redis.del(stale)
      }
    } else if (!text.includes('"errors"')) {
      await sleep(Math.random() * STORED_AFTER_MS)
      await redis.set(name, text, 'EX', TTL_SECONDS)
      await Promise.all([...products].map((product) => redis.sadd(answersOf(product), name)))
    }
    return { text, status: 'naive-answers; fwd=miss' }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { text, status } = await answer(await bodyOf(request), request.headers.authorization)
      response.writeHead(200, { 'content-type': 'application/json', 'cache-status': status }).end(text)
    } catch (error) {
      response.writeHead(502).end(String(error))
    }
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await gateway.destroy()
      redis.disconnect()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
