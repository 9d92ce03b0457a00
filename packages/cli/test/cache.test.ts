import { type Cache, createCache } from '@freshet/cache'
import { claimRedisDatabase, type RedisDatabase } from '@freshet/subgraph/testing'
import { createLogger } from '@freshet/telemetry'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { runFreshet } from './run-freshet.ts'

/** A database of Redis for this file alone: the command shows all domains that it finds. */
let own: RedisDatabase
let redis: Redis
let inner: Cache
let outer: Cache

function startFreshetCache(args: string[], over: NodeJS.ProcessEnv = {}) {
  const env = { FRESHET_REDIS_URL: own.url, FRESHET_KAFKA_BROKERS: parts().kafkaBrokers.join(',') }
  return runFreshet(['cache', ...args], { ...env, ...over })
}

async function freshetCache(args: string[], over: NodeJS.ProcessEnv = {}) {
  const run = startFreshetCache(args, over)
  return { code: await run.ended, output: run.output() }
}

const lines = (output: string) =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

beforeAll(async () => {
  own = await claimRedisDatabase()
  redis = new Redis(own.url)
  const logger = createLogger('cache-command-test', { level: 'silent' })
  inner = createCache({ redis, domain: 'catalog', logger, timeoutMs: 5_000 })
  outer = createCache({ redis, domain: 'gateway', logger, timeoutMs: 5_000 })
  const common = { ttlSeconds: 600, negativeTtlSeconds: 60, jitter: 0 }
  const products = inner.define<{ title: string }>({
    ...common,
    name: 'product',
    version: 3,
    tags: (id) => [`product:${id}`],
  })
  const answers = outer.define<string>({
    ...common,
    name: 'answer',
    version: 1,
    tags: () => ['catalog/product:a:1'],
  })
  await products.get('a:1', async () => ({ title: 'Boot' }))
  await products.get('gone', async () => null)
  await answers.get('page', async () => 'an answer')
})
afterAll(async () => {
  await inner?.close()
  await outer?.close()
  redis?.disconnect()
  await own?.close()
})

test('stats tells of each domain what it holds, by policy and state', async () => {
  const shown = await freshetCache(['stats'])
  expect(shown).toMatchObject({
    code: 0,
    output: expect.stringMatching(/catalog: 2 entries[\s\S]*product:3 +2 .* fresh 2[\s\S]*gateway: 1 entry/),
  })
  expect(lines((await freshetCache(['stats', 'catalog', '--json'])).output)).toEqual([
    expect.objectContaining({
      domain: 'catalog',
      policies: [expect.objectContaining({ policy: 'product:3', entries: 2, states: { fresh: 2 } })],
    }),
  ])
})

test('inspect finds an entry with and without its version, and says what it holds', async () => {
  for (const name of ['product:a:1', 'product:3:a:1']) {
    expect(await freshetCache(['inspect', 'catalog', name])).toMatchObject({
      code: 0,
      output: expect.stringMatching(
        /catalog product:3:a:1: fresh, served[\s\S]*tag product:a:1: not invalidated[\s\S]*"Boot"/,
      ),
    })
  }
  expect((await freshetCache(['inspect', 'catalog', 'product:gone'])).output).toContain(
    'there is no such row',
  )
  // A key is no pattern.
  expect(await freshetCache(['inspect', 'catalog', 'product:*'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('holds nothing under product:*'),
  })
})

test('invalidate ends it from the inside out, waits for those outside, and trace shows both', async () => {
  const run = startFreshetCache(['invalidate', 'catalog', 'product:a:1'])
  // What a gateway's invalidator does when it hears of it.
  const follow = eventually(async () => {
    const sequence = await redis.hget('{catalog}:fence', 'product:a:1')
    expect(sequence).not.toBeNull()
    await outer.invalidate(['catalog/product:a:1'], { carried: { catalog: sequence! } })
  })
  expect([await run.ended, run.output()]).toEqual([
    0,
    expect.stringMatching(
      /^catalog: invalidated product:a:1 \(sequence \d+\)\ngateway: followed after \d+ ms\n$/,
    ),
  ])
  await follow
  expect(await freshetCache(['inspect', 'catalog', 'product:a:1'])).toMatchObject({
    output: expect.stringMatching(/invalidated, not served[\s\S]*ended by it/),
  })
  const traced = lines((await freshetCache(['trace', 'product:a:1', '--json'])).output)
  expect(traced).toEqual([
    expect.objectContaining({
      domain: 'catalog',
      dependents: [{ redisKey: '{catalog}:e:product:3:a:1', state: 'invalidated' }],
    }),
    expect.objectContaining({
      domain: 'gateway',
      tag: 'catalog/product:a:1',
      dependents: [{ redisKey: '{gateway}:e:answer:1:page', state: 'invalidated' }],
    }),
  ])
})

test('invalidate ends in an outer cache what depends on very many of a kind, too', async () => {
  expect(await freshetCache(['invalidate', 'gateway', 'catalog/brand:1'])).toMatchObject({ code: 0 })
  const [one, kind] = await redis.hmget('{gateway}:fence', 'catalog/brand:1', 'catalog/brand:*')
  expect(one).not.toBeNull()
  expect(kind).toBe(one)
  expect((await freshetCache(['trace', 'brand:1'])).output).toContain('gateway catalog/brand:*: invalidated')
})

test('an outer cache that does not follow is named, with the exit code 1, and a tag that nothing has', async () => {
  expect(await freshetCache(['invalidate', 'catalog', 'product:other'])).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /nothing in catalog depends on product:other just now[\s\S]*gateway: has not followed within 5 s/,
    ),
  })
})

test.each([
  [['stats', 'nothing'], /no cache domain nothing; there are catalog, gateway/],
  [['inspect', 'nothing', 'x:1'], /no cache domain nothing/],
  [['invalidate', 'nothing', 'x'], /no cache domain nothing/],
  [['invalidate', 'catalog', ''], /tag/],
  [['trace', 'nothing:1'], /no cache holds anything that depends on nothing:1/],
  [['trace', ''], /a tag is expected, such as product:42 .* analytics, catalog, users/],
  [['trace', '.life'], /a tag is expected/],
  [['trace', 'a b\u001b[31m'], /a tag is expected/],
  [['inspect', 'catalog', 'x\u001b[31m\n'], /holds nothing under x\\u001b\[31m\\u000a;/],
  [['inspect', 'catalog', ''], /holds nothing under no name/],
  [['inspect', 'catalog'], /missing required argument 'key'/],
])('%j is refused with what is wrong', async (args, message) => {
  const { code, output } = await freshetCache(args)
  expect([code, output]).toEqual([1, expect.stringMatching(message)])
  expect(output).not.toMatch(/ at .*\.ts:\d+/)
})

test('without Redis it says so', async () => {
  const { code, output } = await freshetCache(['stats'], { FRESHET_REDIS_URL: 'redis://127.0.0.1:1' })
  expect([code, output]).toEqual([1, expect.stringMatching(/127\.0\.0\.1:1/)])
})

test('a URL that is none of a Redis is refused with the variable that holds it', async () => {
  const { code, output } = await freshetCache(['stats'], { FRESHET_REDIS_URL: 'http://x' })
  expect([code, output]).toEqual([1, expect.stringMatching(/^FRESHET_REDIS_URL .*redis:\/\//)])
})
