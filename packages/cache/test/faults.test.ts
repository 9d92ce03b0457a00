import { type RedisNode, startRedisCluster, startRedisNode } from '@freshet/testing'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Cluster, Redis } from 'ioredis'
import { type Cache, type CacheOptions, CacheUnavailableError, createCache } from '../src/index.ts'
import { countingLoader, eventually, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

/** A server for each test: each of them does something to it. `client` is what the cache gets. */
interface Server extends Pick<RedisNode, 'connect' | 'start' | 'kill' | 'freeze' | 'thaw' | 'close'> {
  client(): Redis | Cluster
}

let server: Server
let logger: ReturnType<typeof recordingLogger>
const open: Cache[] = []
const soon = (check: () => boolean | Promise<boolean>) => eventually(check, 20_000)

async function single(): Promise<Server> {
  const redis = await startRedisNode()
  return { ...redis, client: () => redis.connect() }
}

async function clusterOfOne(): Promise<Server> {
  const cluster = await startRedisCluster({ masters: 1 })
  return { ...cluster.nodes[0]!, client: () => cluster.connect(), close: cluster.close }
}

async function begin(start: () => Promise<Server>): Promise<void> {
  server = await start()
  logger = recordingLogger()
}
async function end(): Promise<void> {
  server.thaw()
  await Promise.all(open.splice(0).map((cache) => cache.close()))
  await server.close()
}

function newCache(options: Partial<CacheOptions> = {}) {
  const cache = createCache({
    redis: server.client(),
    domain: 'test',
    logger,
    // Where the deadline is what is tested, it is short.
    ...unhurried,
    ...options,
  })
  open.push(cache)
  const { calls, load } = countingLoader()
  const rows = cache.define(rowPolicy())
  return {
    cache,
    calls,
    read: (...keys: string[]) => rows.getMany(keys, load),
    /** True if the read did not have to load. */
    hits: async (...keys: string[]) => {
      const before = calls.length
      await rows.getMany(keys, load)
      return calls.length === before
    },
  }
}

describe.each([
  { of: 'a single Redis', start: single },
  { of: 'a cluster', start: clusterOfOne },
])('$of', ({ start }) => {
  beforeEach(() => begin(start))
  afterEach(end)

  test('with Redis dead from the start, readers get their rows from the database', async () => {
    await server.kill()
    const { read, calls } = newCache({ timeoutMs: 50 })
    for (let i = 0; i < 20; i++) expect(await read('1')).toEqual([{ id: '1', version: 1 }])
    expect(calls).toHaveLength(20)
  })

  test('with Redis killed in the middle, readers are not even slowed down, and it is logged once', async () => {
    const { read, hits } = newCache({ timeoutMs: 2_000, reportIntervalMs: 600_000 })
    await soon(() => hits('1'))
    await server.kill()
    const started = performance.now()
    for (let i = 0; i < 1_000; i++) await read('1')
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    await server.start()
    await read('1')
    await soon(() => hits('1'))
  })

  test('a Redis that hangs costs a few readers the deadline, and the rest nothing', async () => {
    const { hits } = newCache({ timeoutMs: 50, breakerOpenMs: 100 })
    await soon(() => hits('1'))
    const { read, hits: hitsAtFirst } = newCache({
      timeoutMs: 500,
      breakerThreshold: 3,
      breakerOpenMs: 600_000,
      reportIntervalMs: 0,
    })
    await soon(() => hitsAtFirst('1'))
    const waited = () => logger.lines.filter(({ details }) => details.operation === 'read').length
    const before = waited()
    server.freeze()
    for (let i = 0; i < 200; i++) expect(await read('1')).toEqual([{ id: '1', version: 1 }])
    expect(waited() - before).toBe(3)
    server.thaw()
    await soon(() => hits('1'))
  })

  test('an event loop that was blocked for longer than the deadline is no reason to distrust Redis', async () => {
    const { hits } = newCache({ timeoutMs: 100 })
    await soon(() => hits('1'))
    const hit = hits('1')
    // The READ is sent with the next tick.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    for (const end = performance.now() + 1_000; performance.now() < end; );
    expect(await hit).toBe(true)
  })

  test('a Redis that is flushed costs a load', async () => {
    const { read, hits } = newCache()
    await read('1')
    await server.connect().flushall()
    expect(await hits('1')).toBe(false)
    expect(await hits('1')).toBe(true)
  })

  test('a Redis restarted from a copy older than an invalidation does not bring the old value back', async () => {
    const { cache, read, hits } = newCache()
    await read('1', '2')
    await server.connect().save()
    await cache.invalidate(['row:1'])
    await server.kill()
    await server.start()
    const redis = server.connect()
    // A cluster's node is not at work at once.
    await soon(async () => (await redis.exists('{test}:e:row:1:1').catch(() => 0)) === 1)
    expect(await hits('1')).toBe(false)
    await soon(() => hits('1', '2'))
  })

  test('a Redis without memory takes no more entries but every invalidation', async () => {
    const { cache, read, hits } = newCache()
    await read('1')
    const redis = server.connect()
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    await redis.config('SET', 'maxmemory', '1')
    expect(await hits('1')).toBe(true)
    expect(await hits('2')).toBe(false)
    expect(await hits('3')).toBe(false)
    expect(await hits('2')).toBe(false)
    await cache.invalidate(['row:1'])
    expect(await hits('1')).toBe(false)
    await redis.config('SET', 'maxmemory', '0')
    await soon(() => hits('1'))
  })

  test('under volatile eviction entries go and the fence stays', async () => {
    const { cache, calls, read } = newCache()
    const redis = server.connect()
    await redis.config('SET', 'maxmemory-policy', 'volatile-lru')
    await read('first')
    await cache.invalidate(['row:1'])
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1])
    await redis.config('SET', 'maxmemory', String(used + 300_000))
    for (let i = 0; i < 6_000; i += 200) await read(...Array.from({ length: 200 }, (_, j) => String(i + j)))
    expect(Number(/evicted_keys:(\d+)/.exec(await redis.info('stats'))![1])).toBeGreaterThan(0)
    expect(calls.length).toBe(31)
    expect(await redis.hexists('{test}:fence', 'row:1')).toBe(1)
  })

  test('a maxmemory-policy that may evict the fence is warned about', async () => {
    const redis = server.connect()
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await newCache().read('1')
    expect(logger.lines).toMatchObject([{ level: 'warn', details: { policy: 'allkeys-lru' } }])
  })

  test('an invalidation that Redis does not acknowledge is an error with a code, in bounded time', async () => {
    const { cache, read } = newCache({ invalidateTimeoutMs: 50 })
    await read('1')
    await server.kill()
    const started = performance.now()
    const error = await cache.invalidate(['row:1']).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CacheUnavailableError)
    expect(error).toMatchObject({ code: 'CACHE_UNAVAILABLE', tags: ['row:1'], cause: expect.anything() })
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('while an invalidation is owed this process serves nothing from the cache, and it is paid when Redis is back', async () => {
    const { cache, read, hits } = newCache({ invalidateTimeoutMs: 50 })
    const elsewhere = newCache()
    await read('1', '2')
    server.freeze()
    await expect(cache.invalidate(['row:1'])).rejects.toThrow(CacheUnavailableError)
    expect(await hits('2')).toBe(false)
    server.thaw()
    await soon(() => hits('2'))
    expect(await elsewhere.hits('1')).toBe(false)
  })

  test('an invalidation owed to a Redis that was killed reaches its successor', async () => {
    const { cache, read, hits } = newCache({ invalidateTimeoutMs: 50 })
    await read('1')
    await server.connect().save()
    await server.kill()
    await expect(cache.invalidate(['row:1'])).rejects.toThrow(CacheUnavailableError)
    await server.start()
    await soon(() => logger.lines.some(({ message }) => message.startsWith('Redis acknowledged')))
    await soon(() => hits('1'))
  })

  test('too many owed tags are settled by ending every entry', async () => {
    const { cache, read, hits } = newCache({ invalidateTimeoutMs: 50 })
    await read('1')
    server.freeze()
    const tags = Array.from({ length: 12_000 }, (_, i) => `other:${i}`)
    await expect(cache.invalidate(tags)).rejects.toThrow(CacheUnavailableError)
    server.thaw()
    await soon(() => logger.lines.some(({ details }) => details.everything === true))
    await read('1')
    await soon(() => hits('1'))
  })

  test('closing with an invalidation still owed says so', async () => {
    const { cache } = newCache({ invalidateTimeoutMs: 20 })
    // Redis is there, but on a busy machine not always within so short a time.
    const acknowledged = () =>
      cache.invalidate(['row:1']).then(
        () => true,
        () => false,
      )
    await soon(acknowledged)
    await server.kill()
    await expect(cache.invalidate(['row:1'])).rejects.toThrow(CacheUnavailableError)
    await cache.close()
    expect(logger.lines.find(({ level }) => level === 'error')).toMatchObject({ details: { count: 1 } })
  })
})

describe('a replica', () => {
  beforeEach(() => begin(single))
  afterEach(end)

  test('a master that has become a replica is not asked any more, for its tags lag behind', async () => {
    const { read, hits } = newCache()
    await read('1')
    await server.connect().replicaof('127.0.0.1', 1)
    expect(await hits('1')).toBe(false)
    expect(await hits('1')).toBe(false)
  })
})
