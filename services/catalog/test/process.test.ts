import { signCall } from '@freshet/http'
import { startServiceProcess } from '@freshet/subgraph/testing'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openShop, productId, type Shop, SECRET as secret, seller } from './shop.ts'

const folder = new URL('../', import.meta.url)
let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

test('runs as a process: serves signed calls only, tells its health, ends on SIGTERM with 0', async () => {
  const catalog = startServiceProcess(folder, {
    PORT: '0',
    DATABASE_URL: shop.testDatabase.url,
    REDIS_URL: parts().redisUrl,
    KAFKA_BROKERS: parts().kafkaBrokers.join(','),
    SUBGRAPH_SECRET: secret,
  })
  try {
    const url = await catalog.url()
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
      {
        data: { setPrice: { product: { version: 2, price: { amount: 42 } } } },
        // For the gateway, which ends what it keeps before it answers the client.
        extensions: {
          freshet: expect.objectContaining({
            invalidated: {
              tags: expect.arrayContaining(['product:1']),
              sequence: expect.stringMatching(/^\d+$/),
            },
          }),
        },
      },
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
    catalog.stop()
    expect(await catalog.exited()).toBe(0)
  } finally {
    catalog.kill()
  }
})

test('lists every problem of its environment and exits with 1', async () => {
  const catalog = startServiceProcess(folder, {
    PORT: 'http',
    DATABASE_URL: 'mysql://x/y',
    REDIS_URL: 'nowhere',
    SUBGRAPH_SECRET: 'short',
  })
  expect(await catalog.exited()).toBe(1)
  for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS', 'SUBGRAPH_SECRET']) {
    expect(catalog.stderr()).toContain(name)
  }
})
