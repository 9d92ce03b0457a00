import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import {
  type Cache,
  CacheContractError,
  type CacheOptions,
  type CachePolicy,
  createCache,
} from '../src/index.ts'
import { countingLoader, eventually, type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

let server: RedisNode
let redis: Redis
let logger: ReturnType<typeof recordingLogger>
const open: Cache[] = []

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

function newCache(options: Partial<CacheOptions> = {}): Cache {
  const cache = createCache({ redis, domain: 'test', logger, ...unhurried, ...options })
  open.push(cache)
  return cache
}

/** How long entries last that `store` stores, and when exactly it did nobody can know: at least, and at most. */
async function lifetimes(entries: readonly string[], store: () => Promise<unknown>) {
  const now = async () => {
    const [seconds, microseconds] = await redis.time()
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
  }
  const before = await now()
  await store()
  const ends = await Promise.all(entries.map((entry) => redis.pexpiretime(entry)))
  const after = await now()
  return { least: ends.map((end) => end - after), most: ends.map((end) => end - before) }
}

test('what was loaded once is a hit the next time, in the order of the keys', async () => {
  const rows = newCache().define(rowPolicy())
  const { calls, load } = countingLoader()
  expect((await rows.getMany(['1', '2'], load)).map((row) => row?.id)).toEqual(['1', '2'])
  expect((await rows.getMany(['3', '2', '1'], load)).map((row) => row?.id)).toEqual(['3', '2', '1'])
  expect(calls).toEqual([['1', '2'], ['3']])
})

test('a key that is asked for twice is read and loaded once, and answered twice', async () => {
  const rows = newCache().define(rowPolicy())
  const { calls, load } = countingLoader()
  expect((await rows.getMany(['1', '1', '2', '1'], load)).map((row) => row?.id)).toEqual(['1', '1', '2', '1'])
  expect(calls).toEqual([['1', '2']])
})

test('no keys: no load, no round trip', async () => {
  const { calls, load } = countingLoader()
  expect(await newCache().define(rowPolicy()).getMany([], load)).toEqual([])
  expect(calls).toEqual([])
})

test('a row that does not exist is remembered too, until its creation is announced', async () => {
  const cache = newCache()
  const rows = cache.define(rowPolicy())
  const { calls, load } = countingLoader(() => null)
  expect(await rows.get('1', async () => undefined)).toBeNull()
  expect(await rows.getMany(['1'], load)).toEqual([null])
  expect(calls).toEqual([])
  await cache.invalidate(['row:1'])
  expect(await rows.getMany(['1'], load)).toEqual([null])
  expect(calls).toEqual([['1']])
})

test('with a negative TTL of 0 a missing row is asked for each time', async () => {
  const rows = newCache().define(rowPolicy({ negativeTtlSeconds: 0 }))
  const { calls, load } = countingLoader(() => null)
  for (let i = 0; i < 3; i++) await rows.getMany(['1'], load)
  expect(calls).toHaveLength(3)
})

test('entries lie under the domain, the policy and its version', async () => {
  await newCache()
    .define(rowPolicy({ name: 'product', version: 3 }))
    .get('123', async () => ({ id: '123', version: 1 }))
  expect((await redis.keys('*')).toSorted()).toEqual(['{test}:e:product:3:123', '{test}:fence'])
})

test('another version of the policy never reads the entries of this one', async () => {
  const cache = newCache()
  await cache.define(rowPolicy()).get('1', async () => ({ id: '1', version: 1 }))
  const next = cache.define(rowPolicy({ version: 2 }))
  expect((await next.get('1', async () => ({ id: '1', version: 2 })))?.version).toBe(2)
})

test('tags may come from the loaded value', async () => {
  const cache = newCache()
  const rows = cache.define(
    rowPolicy({ tags: (id, row) => [`row:${id}`, ...(row ? [`version:${row.version}`] : [])] }),
  )
  const { calls, load } = countingLoader((id) => ({ id, version: Number(id) }))
  await rows.getMany(['1', '2'], load)
  await cache.invalidate(['version:2'])
  await rows.getMany(['1', '2'], load)
  expect(calls).toEqual([['1', '2'], ['2']])
})

test('an invalidation reaches the caches of the same domain and no other', async () => {
  const here = newCache()
  const there = newCache({ redis: server.connect() }).define(rowPolicy())
  const elsewhere = newCache({ domain: 'other' }).define(rowPolicy())
  const { calls, load } = countingLoader()
  await there.getMany(['1'], load)
  await elsewhere.getMany(['1'], load)
  await here.invalidate(['row:1'])
  await there.getMany(['1'], load)
  await elsewhere.getMany(['1'], load)
  expect(calls).toHaveLength(3)
})

test('TTLs are jittered downwards by at most the share that the policy allows', async () => {
  const cache = newCache()
  const rows = cache.define(rowPolicy({ ttlSeconds: 100, negativeTtlSeconds: 10, jitter: 0.2 }))
  const keys = Array.from({ length: 50 }, (_, i) => String(i))
  const { least, most } = await lifetimes(
    keys.map((key) => `{test}:e:row:1:${key}`),
    () => rows.getMany(keys, async (ids) => ids.map((id) => (Number(id) % 2 ? { id, version: 1 } : null))),
  )
  for (const [isOf, shortest, longest] of [
    [(_: number, i: number) => i % 2 === 1, 80_000, 100_000],
    [(_: number, i: number) => i % 2 === 0, 8_000, 10_000],
  ] as const) {
    expect(Math.min(...most.filter(isOf))).toBeGreaterThanOrEqual(shortest)
    expect(Math.max(...least.filter(isOf))).toBeLessThanOrEqual(longest)
    expect(new Set(most.filter(isOf)).size).toBeGreaterThan(20)
  }
})

test('clear ends every entry at once', async () => {
  const cache = newCache()
  const rows = cache.define(rowPolicy())
  const { calls, load } = countingLoader()
  await rows.getMany(['1', '2'], load)
  await cache.clear()
  await rows.getMany(['1', '2'], load)
  expect(calls).toHaveLength(2)
})

test('what the loader throws reaches the caller, and nothing is cached', async () => {
  const rows = newCache().define(rowPolicy())
  await expect(rows.getMany(['1'], async () => Promise.reject(new Error('no database')))).rejects.toThrow(
    'no database',
  )
  await expect(
    rows.getMany(['1'], () => {
      throw new Error('not even a promise')
    }),
  ).rejects.toThrow('not even a promise')
  const { calls, load } = countingLoader()
  await rows.getMany(['1'], load)
  expect(calls).toHaveLength(1)
})

test('a loader that returns another number of values is an error that says so', async () => {
  const rows = newCache().define(rowPolicy())
  await expect(rows.getMany(['1', '2'], async () => [null])).rejects.toThrow(
    'The loader of "row" returned 1 values for 2 keys',
  )
  await expect(rows.getMany(['1'], async () => undefined as never)).rejects.toThrow(CacheContractError)
})

test('an entry that cannot be decoded is loaded again and replaced', async () => {
  const rows = newCache().define(rowPolicy())
  const { calls, load } = countingLoader()
  await rows.getMany(['1'], load)
  const entry = await redis.getBuffer('{test}:e:row:1:1')
  await redis.set('{test}:e:row:1:1', entry!.subarray(0, -1))
  expect(await rows.getMany(['1'], load)).toEqual([{ id: '1', version: 1 }])
  expect(logger.lines).toMatchObject([{ level: 'warn', message: 'A cache entry could not be decoded' }])
  expect(await rows.getMany(['1'], load)).toEqual([{ id: '1', version: 1 }])
  expect(calls).toHaveLength(2)
})

test('something else under the key of the fence: readers get their rows, and the log says what to delete', async () => {
  await redis.set('{test}:fence', 'not a hash')
  const rows = newCache({ timeoutMs: 20 }).define(rowPolicy())
  expect(await rows.get('1', async (id) => ({ id, version: 1 }))).toEqual({ id: '1', version: 1 })
  const isTold = ({ details: { err } }: { details: Record<string, unknown> }) =>
    err instanceof Error && /"\{test\}:fence".*delete it/.test(err.message)
  await eventually(() => logger.lines.some(isTold))
})

test('Dates come back as Dates on a hit', async () => {
  const rows = newCache().define(rowPolicy<{ at: Date }>())
  const at = new Date('2026-11-23T04:05:06.789Z')
  await rows.get('1', async () => ({ at }))
  expect(await rows.get('1', () => Promise.reject(new Error('not a hit')))).toEqual({ at })
})

test.each<[string, Partial<CachePolicy<Row>>]>([
  ['has no tags', { tags: () => [] }],
  ['has too many tags', { tags: () => Array.from({ length: 65 }, (_, i) => `t${i}`) }],
  ['has an impossible tag', { tags: () => ['two words'] }],
  [
    'has tags that throw',
    {
      tags: () => {
        throw new Error('no')
      },
    },
  ],
  [
    'is not plain data',
    {
      serialize: () => {
        throw new TypeError('a socket')
      },
      deserialize: () => null as never,
    },
  ],
])('a value that %s is returned but not cached, and reported', async (_, changes) => {
  const rows = newCache().define(rowPolicy(changes))
  const { calls, load } = countingLoader()
  for (let i = 0; i < 2; i++) expect(await rows.getMany(['1'], load)).toEqual([{ id: '1', version: 1 }])
  expect(calls).toHaveLength(2)
  expect(logger.lines).toHaveLength(1)
})

test('a value may say itself how long it lasts, within what the policy allows, or that it is not to be stored', async () => {
  const rows = newCache().define(
    rowPolicy<number>({
      ttlSeconds: 100,
      negativeTtlSeconds: 10,
      ttlSecondsOf: (_, value) => value ?? 1_000,
    }),
  )
  const values = new Map<string, number | null>([
    ['own', 30],
    ['capped', 1_000],
    ['none', 0],
    ['past', -5],
    ['unclear', Number.NaN],
    ['missing', null],
  ])
  const keys = [...values.keys()]
  const entries = keys.map((key) => `{test}:e:row:1:${key}`)
  const { least, most } = await lifetimes(entries, () =>
    rows.getMany(keys, async (ids) => ids.map((id) => values.get(id))),
  )
  // The others are marked as not worth waiting for.
  const stored = await Promise.all(entries.map(async (entry) => (await redis.get(entry))!.startsWith('\x02')))
  expect(keys.filter((_, i) => stored[i])).toEqual(['own', 'capped', 'missing'])
  for (const [key, seconds] of [
    ['own', 30],
    ['capped', 100],
    ['missing', 10],
  ] as const) {
    expect(least[keys.indexOf(key)]).toBeLessThanOrEqual(seconds * 1_000)
    expect(most[keys.indexOf(key)]).toBeGreaterThanOrEqual(seconds * 1_000)
  }
})

test('a TTL that cannot be told is reported, and the value not cached', async () => {
  const rows = newCache().define(
    rowPolicy({
      ttlSecondsOf: () => {
        throw new Error('no idea')
      },
    }),
  )
  const { calls, load } = countingLoader()
  for (let i = 0; i < 2; i++) expect(await rows.getMany(['1'], load)).toEqual([{ id: '1', version: 1 }])
  expect(calls).toHaveLength(2)
  expect(logger.lines).toHaveLength(1)
})

test('a cache may allow more tags or fewer', async () => {
  const tags = () => Array.from({ length: 65 }, (_, i) => `t${i}`)
  const many = newCache({ maxTagsPerEntry: 65 }).define(rowPolicy({ tags }))
  const { calls, load } = countingLoader()
  await many.getMany(['1'], load)
  await many.getMany(['1'], load)
  expect(calls).toHaveLength(1)
  expect(() => newCache({ maxTagsPerEntry: 0 })).toThrow(CacheContractError)
})

test('an outer level is told the distinct tags of a value, none for a soft policy, and an error if there are none', () => {
  const cache = newCache()
  const tags = (id: string, row: Row | null) => [`row:${id}`, `row:${id}`, row ? 'there' : 'missing']
  expect(cache.define(rowPolicy({ tags })).tagsOf('1', null)).toEqual(['row:1', 'missing'])
  expect(cache.define(rowPolicy({ name: 'soft', tags, soft: true })).tagsOf('1', null)).toEqual([])
  for (const [name, wrong] of [['none', []] as const, ['bad', ['two words']] as const]) {
    expect(() => cache.define(rowPolicy({ name, tags: () => wrong })).tagsOf('1', null)).toThrow(
      CacheContractError,
    )
  }
})

test('an entity tells outer levels of its policy', () => {
  const cache = newCache()
  expect(cache.define(rowPolicy({ audience: 'private' })).policy).toMatchObject({
    name: 'row',
    audience: 'private',
  })
})

test('a value longer than the limit is returned but not cached, its neighbours are', async () => {
  const rows = newCache().define(rowPolicy<string>({ maxValueBytes: 100 }))
  const loads: string[][] = []
  const load = async (ids: readonly string[]) => {
    loads.push([...ids])
    return ids.map((id) => 'ü'.repeat(id === 'long' ? 60 : 10))
  }
  await rows.getMany(['long', 'short'], load)
  await rows.getMany(['long', 'short'], load)
  expect(loads).toEqual([['long', 'short'], ['long']])
})

test('a policy brings its own form', async () => {
  const rows = newCache().define(
    rowPolicy<bigint>({
      serialize: (value) => value.toString(36),
      deserialize: (text) => BigInt(Number.parseInt(text, 36)),
    }),
  )
  await rows.get('1', async () => 77n)
  expect(await rows.get('1', () => Promise.reject(new Error('not a hit')))).toBe(77n)
})

test('a disabled cache reads and stores nothing, but its invalidations reach the others', async () => {
  const enabled = newCache().define(rowPolicy())
  const disabled = newCache({ enabled: false, redis: server.connect() })
  const { calls, load } = countingLoader()
  await enabled.getMany(['1'], load)
  await disabled.define(rowPolicy()).getMany(['1', '1'], load)
  expect(calls).toEqual([['1'], ['1']])
  await disabled.invalidate(['row:1'])
  await enabled.getMany(['1'], load)
  expect(calls).toHaveLength(3)
})

test('a hundred readers of one missing key make one load', async () => {
  const rows = newCache().define(rowPolicy())
  const { calls, load } = countingLoader()
  const slowly = async (ids: readonly string[]) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return load(ids)
  }
  const all = await Promise.all(Array.from({ length: 100 }, () => rows.getMany(['1'], slowly)))
  expect(all).toHaveLength(100)
  expect(calls).toHaveLength(1)
})

test('a value that lasts for no time is shared with nobody, its neighbours are', async () => {
  const rows = newCache().define(rowPolicy<number>({ ttlSecondsOf: (key) => (key === 'brief' ? 0 : 60) }))
  let loads = 0
  const load = async (ids: readonly string[]) => {
    const load = ++loads
    return ids.map(() => load)
  }
  const keys = ['brief', 'lasting']
  const [first, second] = await Promise.all([rows.getMany(keys, load), rows.getMany(keys, load)])
  expect(first).toEqual([1, 1])
  expect(second).toEqual([2, 1])
})

test('readers do not share the failure of the one who was loading for them', async () => {
  const rows = newCache().define(rowPolicy())
  const first = rows.get('1', async () => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    throw new Error('the first client went away')
  })
  const second = rows.get('1', async () => ({ id: '1', version: 7 }))
  await expect(first).rejects.toThrow('went away')
  expect(await second).toEqual({ id: '1', version: 7 })
})

test('nothing to invalidate is no round trip; what is not a tag is refused before Redis is asked', async () => {
  const cache = newCache()
  expect(await cache.invalidate([])).toEqual({ sequence: '0' })
  for (const bad of ['', ' ', 'a b', '.seq', 'a\n', 'x'.repeat(201), '\ud800', 7 as never]) {
    await expect(cache.invalidate([bad])).rejects.toThrow(CacheContractError)
  }
})

test('a wrong policy is refused with everything that is wrong with it', () => {
  const cache = newCache()
  const wrong = rowPolicy({
    name: 'Row!',
    version: 0,
    ttlSeconds: 0,
    negativeTtlSeconds: -1,
    jitter: 1,
    maxValueBytes: 0,
    serialize: String,
  })
  const parts = [
    'name',
    'version',
    'ttlSeconds',
    'negativeTtlSeconds',
    'jitter',
    'maxValueBytes',
    'serialize and deserialize',
  ]
  for (const part of parts) expect(() => cache.define<Row>(wrong)).toThrow(part)
  cache.define(rowPolicy())
  expect(() => cache.define(rowPolicy())).toThrow('defined twice')
  expect(() => newCache({ domain: 'a}b' })).toThrow(CacheContractError)
})
