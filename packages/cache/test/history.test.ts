import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Cache, createCache } from '../src/index.ts'
import { recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'
import { type CacheUnderTest, runHistory } from './history.ts'
import { recordMetrics } from './recording-meter.ts'

let server: RedisNode
const load = { readers: 32, writers: 4, keys: 10, writes: 400 }
const BOUND_MS = 100
const open: Cache[] = []

beforeAll(async () => {
  server = await startRedisNode()
})
afterAll(async () => {
  await Promise.all(open.map((cache) => cache.close()))
  await server.close()
})

/** As if in a process of its own: another connection, other flights. */
function fenced(l1 = false): CacheUnderTest {
  const cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
    l1: { boundMs: BOUND_MS },
  })
  open.push(cache)
  const versions = cache.define<number>(rowPolicy<number>({ name: l1 ? 'in-l1' : 'row', l1 }))
  return {
    get: async (key, loadOne, atLeast) => (await versions.get(key, loadOne, { atLeast }))!,
    invalidate: async (key) => (await cache.invalidate([`row:${key}`])).sequence,
  }
}

/** What most caches do. */
function naive(): CacheUnderTest {
  const redis = server.connect()
  return {
    async get(key, loadOne) {
      const cached = await redis.get(key)
      if (cached !== null) return Number(cached)
      const loaded = await loadOne()
      await redis.set(key, loaded, 'EX', 60)
      return loaded
    },
    invalidate: async (key) => {
      await redis.del(key)
      return undefined
    },
  }
}

test('32 readers and 4 writers in 4 processes: no read is older than what was acknowledged when it began', async () => {
  const history = await runHistory([fenced(), fenced(), fenced(), fenced()], load)
  console.info('fenced', history)
  expect(history.violations).toBe(0)
  // It is still a cache: most reads are not loads.
  expect(history.loads).toBeLessThan(history.reads / 2)
})

test('with L1 no read is older than the bound, and none that asks for a sequence is older than that', async () => {
  const metrics = recordMetrics()
  const history = await runHistory([fenced(true), fenced(true), fenced(true), fenced(true)], {
    ...load,
    boundMs: BOUND_MS,
  })
  console.info('with L1', history)
  expect(history.violations).toBe(0)
  expect(metrics.now()['freshet.cache.reads in-l1 hit l1']).toBeGreaterThan(history.reads / 10)
  metrics.stop()
  expect(history.loads).toBeLessThan(history.reads / 2)
})

test('the same readers and writers catch a cache that sets and deletes', async () => {
  const history = await runHistory([naive(), naive(), naive(), naive()], load)
  console.info('naive', history)
  expect(history.violations).toBeGreaterThan(0)
})
