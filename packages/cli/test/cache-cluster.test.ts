import { createCache } from '@freshet/cache'
import { createLogger } from '@freshet/telemetry'
import { eventually, parts, type RedisCluster, startRedisCluster } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runFreshet } from './run-freshet.ts'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3 })
})
afterAll(() => cluster?.close())

async function freshetCache(...args: string[]) {
  const run = runFreshet(['cache', ...args], {
    FRESHET_REDIS_URL: cluster.url,
    FRESHET_KAFKA_BROKERS: parts().kafkaBrokers.join(','),
  })
  return { code: await run.ended, output: run.output() }
}

test('of a cluster, domains are found and invalidated on whatever node they lie', async () => {
  const domains = ['one', 'two', 'three', 'four', 'five', 'six']
  const logger = createLogger('cache-cluster-test', { level: 'silent' })
  const redis = cluster.connect()
  for (const domain of domains) {
    const cache = createCache({ redis, domain, logger, timeoutMs: 5_000 })
    const policy = { name: 'row', version: 1, ttlSeconds: 600, negativeTtlSeconds: 60, jitter: 0 }
    const rows = cache.define<string>({ ...policy, tags: (id) => [`row:${id}`] })
    const hit = () => rows.get('1', () => Promise.reject(new Error('not a hit')))
    await eventually(async () => {
      await rows.get('1', async () => domain)
      await hit()
    })
    await cache.close()
  }
  const holders = await Promise.all(domains.map((domain) => cluster.masterOf(`{${domain}}:fence`)))
  expect(new Set(holders).size).toBeGreaterThan(1)

  const { code, output } = await freshetCache('stats')
  expect(code).toBe(0)
  for (const domain of domains) expect(output).toContain(`${domain}: 1 entry`)
  for (const { host, port } of cluster.nodes) expect(output).toContain(`Redis ${host}:${port}: `)

  expect((await freshetCache('invalidate', 'three', 'row:1')).code).toBe(0)
  expect((await freshetCache('inspect', 'three', 'row:1')).output).toContain('not served')
  expect((await freshetCache('inspect', 'four', 'row:1')).output).toContain('fresh, served')
})
