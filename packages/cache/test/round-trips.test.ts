import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { type Cache, type CachedEntity, createCache } from '../src/index.ts'
import { countingLoader, eventually, type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

let server: RedisNode
let redis: Redis
let observer: Redis
let cache: Cache
let rows: CachedEntity<Row>
const keys = Array.from({ length: 50 }, (_, i) => String(i))

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
  observer = server.connect()
  cache = createCache({ redis, domain: 'test', logger: recordingLogger(), ...unhurried })
  rows = cache.define(rowPolicy())
  // The first use of each script on a connection sends its text.
  await rows.getMany(['first'], countingLoader().load)
  await cache.invalidate(['row:first'])
})
beforeEach(async () => {
  await observer.flushall()
  await rows.getMany(['begins a life'], countingLoader().load)
  await observer.config('RESETSTAT')
})
afterAll(async () => {
  await cache.close()
  await server.close()
})

/** What clients sent (commands inside scripts are counted by Redis too, but never as EVALSHA). */
async function scripts(): Promise<{ evalsha: number; sent: number }> {
  const stats = await observer.info('commandstats')
  const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  return { evalsha: calls('evalsha'), sent: calls('evalsha') + calls('eval') }
}

test('fifty misses are one READ, one load and one FILL', async () => {
  const { calls, load } = countingLoader()
  await rows.getMany(keys, load)
  expect(calls).toHaveLength(1)
  expect(await scripts()).toEqual({ evalsha: 2, sent: 2 })
})

test('fifty hits are one READ', async () => {
  const { calls, load } = countingLoader()
  await rows.getMany(keys, load)
  await observer.config('RESETSTAT')
  await rows.getMany(keys, load)
  expect(calls).toHaveLength(1)
  expect(await scripts()).toEqual({ evalsha: 1, sent: 1 })
})

test('what many readers ask for in one turn of the event loop is one READ', async () => {
  const { load } = countingLoader()
  await rows.getMany(keys, load)
  await observer.config('RESETSTAT')
  const notLoaded = () => Promise.reject(new Error('it is there'))
  const [batch, ...single] = await Promise.all([
    rows.getMany(keys.toReversed(), notLoaded),
    ...keys.map((key) => rows.get(key, notLoaded)),
  ])
  expect(single.map((row) => row?.id)).toEqual(keys)
  expect(batch.map((row) => row?.id)).toEqual(keys.toReversed())
  expect(await scripts()).toEqual({ evalsha: 1, sent: 1 })
})

test('hits and misses together are one READ, one load of the misses and one FILL', async () => {
  const { calls, load } = countingLoader()
  await rows.getMany(keys.slice(0, 25), load)
  await observer.config('RESETSTAT')
  await rows.getMany(keys, load)
  expect(calls.at(-1)).toEqual(keys.slice(25))
  expect(await scripts()).toEqual({ evalsha: 2, sent: 2 })
})

test('the first READ after a flush takes one more round trip, to begin a life', async () => {
  await observer.flushall()
  await observer.config('RESETSTAT')
  await rows.getMany(keys, countingLoader().load)
  expect(await scripts()).toEqual({ evalsha: 3, sent: 3 })
})

test('fifty tags are one INVALIDATE', async () => {
  await cache.invalidate(keys.map((key) => `row:${key}`))
  expect(await scripts()).toEqual({ evalsha: 1, sent: 1 })
})

test('when Redis has forgotten the scripts, they are sent again without anyone noticing', async () => {
  await observer.script('FLUSH')
  const { calls, load } = countingLoader()
  await rows.getMany(keys, load)
  // The FILL has to be sent twice, so the reader after this one may still miss.
  await eventually(async () => {
    const loads = calls.length
    await rows.getMany(keys, load)
    return calls.length === loads
  })
})
