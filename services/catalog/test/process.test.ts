import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { signCall } from '@freshet/http'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openShop, productId, type Shop, seller } from './shop.ts'

const secret = 'a secret for tests only'
let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

function start(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--import', '@freshet/telemetry/register', 'src/main.ts'], {
    cwd: new URL('../', import.meta.url),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What the process logs once it listens. */
async function urlOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const { url } = JSON.parse(line) as { url?: string }
    if (url !== undefined) return url
  }
  throw new Error('the process ended before it listened')
}

test('runs as a process: serves signed calls only, tells its health, ends on SIGTERM with 0', async () => {
  const child = start({
    PORT: '0',
    DATABASE_URL: shop.testDatabase.url,
    REDIS_URL: parts().redisUrl,
    KAFKA_BROKERS: parts().kafkaBrokers.join(','),
    SUBGRAPH_SECRET: secret,
  })
  try {
    const url = await urlOf(child)
    await eventually(async () => {
      const ready = await fetch(`${url}/readyz`)
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ok', checks: { postgres: 'ok' }, observed: { redis: 'ok', kafka: 'ok' } },
      ])
    })

    const body = JSON.stringify({
      query: `mutation ($id: ID!) {
        setPrice(input: { productId: $id, price: { amount: 42, currency: "USD" } }) { product { version price { amount } } }
      }`,
      variables: { id: productId(1) },
    })
    const call = async (headers: Record<string, string>) => {
      const type = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        body,
        headers: { ...type, ...headers },
      })
      return [answer.status, await answer.json()]
    }
    expect(await call(signCall({ secret, body, viewer: seller }))).toEqual([
      200,
      { data: { setPrice: { product: { version: 2, price: { amount: 42 } } } } },
    ])
    const refused = {
      errors: [
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'SIGNATURE_INVALID' }) }),
      ],
    }
    expect(await call({})).toEqual([401, refused])
    expect(await call(signCall({ secret: 'another secret, not ours', body, viewer: seller }))).toEqual([
      401,
      refused,
    ])

    const metrics = await fetch(`${url}/metrics`)
    expect(await metrics.text()).toContain('# TYPE')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
}, 60_000)

test('lists every problem of its environment and exits with 1', async () => {
  const child = start({
    PORT: 'http',
    DATABASE_URL: 'mysql://x/y',
    REDIS_URL: 'nowhere',
    SUBGRAPH_SECRET: 'short',
  })
  let printed = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  expect((await once(child, 'close'))[0]).toBe(1)
  for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS', 'SUBGRAPH_SECRET']) {
    expect(printed).toContain(name)
  }
})
