import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createCache } from '../src/index.ts'
import { recordingLogger, rowPolicy } from './cache-kit.ts'
import { type CacheUnderTest, runHistory } from './history.ts'
import { type RedisProcess, startRedis } from './redis-process.ts'

let server: RedisProcess
const load = { readers: 32, writers: 4, keys: 10, durationMs: 3_000 }

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

/** As if in a process of its own: another connection, other flights. */
function fenced(): CacheUnderTest {
  const cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    timeoutMs: 1_000,
  })
  const versions = cache.define<number>(rowPolicy<number>())
  return {
    get: async (key, loadOne) => (await versions.get(key, loadOne))!,
    invalidate: (key) => cache.invalidate([`row:${key}`]),
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
    invalidate: (key) => redis.del(key),
  }
}

test('32 readers and 4 writers in 4 processes: no read is older than what was acknowledged when it began', async () => {
  const history = await runHistory([fenced(), fenced(), fenced(), fenced()], load)
  console.info('fenced', history)
  expect(history.violations).toBe(0)
  expect(history.writes).toBeGreaterThan(200)
  // It is still a cache: most reads are not loads.
  expect(history.loads).toBeLessThan(history.reads / 4)
})

test('the same readers and writers catch a cache that sets and deletes', async () => {
  const history = await runHistory([naive(), naive(), naive(), naive()], load)
  console.info('naive', history)
  expect(history.violations).toBeGreaterThan(0)
})
