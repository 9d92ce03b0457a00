import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { type Cache, CacheContractError, type CachePolicy, createCache } from '../src/index.ts'
import { eventually, type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

let server: RedisNode
let redis: Redis
let logger: ReturnType<typeof recordingLogger>
const open: Cache[] = []
const ENTRY = '{test}:e:row:1:1'

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
})
beforeEach(async () => {
  await redis.flushall()
  logger = recordingLogger()
})
afterEach(() => Promise.all(open.splice(0).map((cache) => cache.close())))
afterAll(() => server.close())

function process(policy: Partial<CachePolicy<Row>>) {
  const cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger,
    leaseMs: 60_000,
    ...unhurried,
  })
  open.push(cache)
  const rows = cache.define(rowPolicy(policy))
  let loads = 0
  return {
    cache,
    loads: () => loads,
    /** What is read, when a load would bring this version. */
    read: async (version: number, until: Promise<unknown> = Promise.resolve()) => {
      const row = await rows.get('1', async (id) => {
        loads++
        await until
        return { id, version }
      })
      return row?.version
    },
  }
}

/** Moves the time at which the entry's TTL ends, in ms from now. */
async function expireIn(ms: number): Promise<void> {
  const [seconds, microseconds] = await redis.time()
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
  await redis.setrange(ENTRY, 34, String(nowMs + ms))
}

test('a value past its TTL is served while one reader loads it anew', async () => {
  const [first, second] = [process({ staleSeconds: 60 }), process({ staleSeconds: 60 })]
  await first.read(1)
  expect(await redis.pttl(ENTRY)).toBeGreaterThan(110_000)
  await expireIn(-1)
  const slow = Promise.withResolvers<void>()
  const read = Array.from({ length: 10 }, (_, i) => (i % 2 ? first : second).read(2, slow.promise))
  expect(await Promise.all(read)).toEqual(Array.from({ length: 10 }, () => 1))
  expect(first.loads() + second.loads()).toBe(2)
  slow.resolve()
  await eventually(async () => (await second.read(3)) === 2)
  expect(first.loads() + second.loads()).toBe(2)
})

test('a value past its TTL that was invalidated is not served', async () => {
  const { cache, read } = process({ staleSeconds: 60 })
  await read(1)
  await expireIn(-1)
  await cache.invalidate(['row:1'])
  expect(await read(2)).toBe(2)
})

test('a refresh that is overtaken by an invalidation is refused', async () => {
  const { cache, read } = process({ staleSeconds: 60 })
  await read(1)
  await expireIn(-1)
  const slow = Promise.withResolvers<void>()
  expect(await read(2, slow.promise)).toBe(1)
  await cache.invalidate(['row:1'])
  slow.resolve()
  await eventually(async () => (await read(3)) === 3)
})

test('when the refresh fails the old value is served on, and the next try is not made at once', async () => {
  const { loads, read } = process({ staleSeconds: 60 })
  await read(1)
  await expireIn(-1)
  expect(await read(2, Promise.reject(new Error('no database')))).toBe(1)
  await eventually(() =>
    logger.lines.some(({ message }) => message.startsWith('A value could not be refreshed')),
  )
  expect(await read(2)).toBe(1)
  expect(loads()).toBe(2)
})

test('without staleSeconds an entry ends with its TTL', async () => {
  const { read } = process({ staleSeconds: 0 })
  await read(1)
  expect(await redis.pttl(ENTRY)).toBeLessThanOrEqual(60_000)
})

test('a value near the end of its TTL is refreshed before anyone misses it, the nearer the likelier', async () => {
  const { read, loads } = process({ earlyRefresh: 1 })
  await read(1)
  // It took a second to load: XFetch refreshes a value with 10 ms left in 99 % of the reads, one with a minute in none.
  await redis.setrange(ENTRY, 47, '001000')
  await expireIn(60_000)
  for (let i = 0; i < 50; i++) expect(await read(2)).toBe(1)
  expect(loads()).toBe(1)
  await eventually(async () => {
    await redis.setrange(ENTRY, 47, '001000')
    await expireIn(10)
    await read(2)
    return loads() > 1
  })
  await eventually(async () => (await read(3)) === 2)
})

test('a soft policy serves what was invalidated, while it is loaded anew', async () => {
  const { cache, loads, read } = process({ soft: true })
  await read(1)
  await cache.invalidate(['row:1'])
  const slow = Promise.withResolvers<void>()
  expect(await read(2, slow.promise)).toBe(1)
  expect(await read(2)).toBe(1)
  expect(loads()).toBe(2)
  slow.resolve()
  await eventually(async () => (await read(3)) === 2)
  expect(loads()).toBe(2)
})

test('a soft policy stores also what was invalidated while it was loaded: it is newer, and loaded again', async () => {
  const { cache, read } = process({ soft: true })
  await read(1)
  await cache.invalidate(['row:1'])
  const slow = Promise.withResolvers<void>()
  expect(await read(2, slow.promise)).toBe(1)
  await cache.invalidate(['row:1'])
  slow.resolve()
  await eventually(async () => (await read(3)) === 2)
  await eventually(async () => (await read(4)) === 3)
})

test('a soft policy serves nothing that was cleared', async () => {
  const { cache, read } = process({ soft: true })
  await read(1)
  await cache.clear()
  expect(await read(2)).toBe(2)
})

test('impossible numbers are refused', () => {
  for (const wrong of [{ staleSeconds: -1 }, { earlyRefresh: Number.NaN }]) {
    expect(() => process(wrong)).toThrow(CacheContractError)
  }
})
