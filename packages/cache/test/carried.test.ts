import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { createCarriedMemory } from '../src/carried.ts'
import { atLeastOf, type Cache, CacheContractError, createCache, type LoadContext } from '../src/index.ts'
import { eventually, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

let server: RedisNode
let redis: Redis
let cache: Cache
let told: LoadContext[]

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
})
beforeEach(async () => {
  await redis.flushall()
  told = []
  cache = createCache({ redis, domain: 'test', logger: recordingLogger(), ...unhurried })
})
afterEach(() => cache.close())
afterAll(() => server.close())

const rows = () => {
  const entity = cache.define(rowPolicy({ negativeTtlSeconds: 0 }))
  return () =>
    entity.get('1', async (_, context) => {
      told.push(context)
      return null
    })
}

test('a load is told the highest sequence of each inner domain, however they were told', async () => {
  const read = rows()
  await cache.invalidate(['a'], { carried: { catalog: '1763000000000009', users: '3' } })
  await cache.invalidate(['b'], { carried: { catalog: '1763000000000010' } })
  await cache.invalidate(['c'], { carried: { catalog: '999', analytics: '7' } })
  await read()
  expect(told[0]!.carried).toEqual({ catalog: '1763000000000010', users: '3', analytics: '7' })
})

test('a load that began before is not told, one that reads after is', async () => {
  const read = rows()
  await read()
  await cache.invalidate(['a'], { carried: { catalog: '5' } })
  await read()
  expect(told.map(({ carried }) => carried)).toEqual([{}, { catalog: '5' }])
})

test('a sequence is kept also without a tag', async () => {
  const read = rows()
  expect((await cache.invalidate([], { carried: { catalog: '5' } })).sequence).toMatch(/^\d{16}$/)
  await read()
  expect(told[0]!.carried).toEqual({ catalog: '5' })
})

test('what is not a domain and its sequence is refused before Redis is asked', async () => {
  const wrong: Record<string, string>[] = [
    { Catalog: '1' },
    { catalog: '' },
    { catalog: '-1' },
    { 'a b': '1' },
    { a: '1 b 2' },
  ]
  for (const carried of wrong) {
    await expect(cache.invalidate(['a'], { carried })).rejects.toThrow(CacheContractError)
  }
})

test('a sequence that Redis did not take is owed like the tags, also without any', async () => {
  const slow = createCache({
    redis: server.connect(),
    domain: 'owing',
    logger: recordingLogger(),
    ...unhurried,
    invalidateTimeoutMs: 50,
  })
  // Redis is there, but on a busy machine not always within so short a time.
  await eventually(() =>
    slow.invalidate(['warm']).then(
      () => true,
      () => false,
    ),
  )
  server.freeze()
  await expect(slow.invalidate([], { carried: { catalog: '8' } })).rejects.toThrow('did not acknowledge')
  server.thaw()
  await eventually(async () => (await redis.hget('{owing}:fence', '.carried')) === 'catalog 8')
  await slow.close()
})

test('a lost history makes the sequences unknown, until no inner L1 can hold what was forgotten', () => {
  let now = 0
  const memory = createCarriedMemory(() => now)
  const first = { life: 'a', carried: 'catalog 5' }
  expect(memory.contextOf(first)).toEqual({ carried: { catalog: '5' }, unknown: true })
  now = 1_999
  expect(memory.contextOf(first).unknown).toBe(true)
  now = 2_000
  expect(memory.contextOf(first)).toEqual({ carried: { catalog: '5' }, unknown: false })
  expect(memory.contextOf({ life: 'b', carried: '' }).unknown).toBe(true)
  now = 4_000
  expect(memory.contextOf({ life: 'b', carried: '' }).unknown).toBe(false)
})

test('without Redis, and with a cache that is off, the sequences are unknown', async () => {
  const off = createCache({ redis, domain: 'test', logger: recordingLogger(), enabled: false })
  await off.define(rowPolicy()).get('1', async (_, context) => {
    told.push(context)
    return null
  })
  expect(told).toEqual([{ carried: {}, unknown: true }])
  await off.close()
})

test('an inner level is asked for the sequence told, or for one that no L1 has', () => {
  const carried = { catalog: '5' }
  expect(atLeastOf({ carried, unknown: false }, 'catalog')).toBe('5')
  expect(atLeastOf({ carried, unknown: false }, 'users')).toBeUndefined()
  expect(Number(atLeastOf({ carried, unknown: true }, 'users'))).toBe(Number.MAX_SAFE_INTEGER)
})
