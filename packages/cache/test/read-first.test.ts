import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { type Cache, CacheContractError, type CacheOptions, createCache } from '../src/index.ts'
import { recordingLogger, rowPolicy } from './cache-kit.ts'
import { type RedisProcess, startRedis } from './redis-process.ts'

let server: RedisProcess
let redis: Redis
const open: Cache[] = []

beforeAll(async () => {
  server = await startRedis()
  redis = server.connect()
})
beforeEach(() => redis.flushall())
afterEach(() => Promise.all(open.splice(0).map((cache) => cache.close())))
afterAll(() => server.close())

/** Answers that are everyone's under one key, or one viewer's under another. */
function answers(options: Partial<CacheOptions> = {}) {
  const cache = createCache({
    redis,
    domain: 'test',
    logger: recordingLogger(),
    timeoutMs: 1_000,
    ...options,
  })
  open.push(cache)
  const entity = cache.define<string>(rowPolicy<string>({ tags: () => ['page'] }))
  let loads = 0
  return {
    cache,
    loads: () => loads,
    ask: (viewer: string, key: string | null, value = viewer) =>
      entity.getFirst(['public', viewer], async () => {
        loads++
        return { key, value }
      }),
  }
}

test('what a load declares public is every viewer’s, by one round trip', async () => {
  const { ask, loads } = answers()
  expect(await ask('ann', 'public', 'shared')).toEqual({ value: 'shared', outcome: 'miss' })
  expect(await ask('bob', 'public', 'unused')).toEqual({ value: 'shared', outcome: 'hit' })
  expect(loads()).toBe(1)
})

test('what a load declares a viewer’s own reaches nobody else', async () => {
  const { ask } = answers()
  await ask('ann', 'ann', 'of ann')
  expect(await ask('bob', 'bob', 'of bob')).toEqual({ value: 'of bob', outcome: 'miss' })
  expect(await ask('ann', 'ann', 'unused')).toEqual({ value: 'of ann', outcome: 'hit' })
})

test('what a load gives no key is not stored', async () => {
  const { ask, loads } = answers()
  for (let i = 0; i < 3; i++) expect((await ask('ann', null)).outcome).toBe('miss')
  expect(loads()).toBe(3)
})

test('an invalidated value is loaded again', async () => {
  const { cache, ask } = answers()
  await ask('ann', 'public', 'old')
  await cache.invalidate(['page'])
  expect(await ask('ann', 'public', 'new')).toEqual({ value: 'new', outcome: 'miss' })
})

test('a value loaded before the invalidation and stored after is refused', async () => {
  const { cache, ask } = answers()
  const entity = cache.define<string>(rowPolicy<string>({ name: 'late', tags: () => ['page'] }))
  await entity.getFirst(['a'], async () => {
    await cache.invalidate(['page'])
    return { key: 'a', value: 'old' }
  })
  expect((await entity.getFirst(['a'], async () => ({ key: 'a', value: 'new' }))).value).toBe('new')
  expect((await ask('ann', 'public')).outcome).toBe('miss')
})

test('readers of the same last key share one load, those of another do not', async () => {
  const { ask, loads } = answers()
  const [first, second, other] = await Promise.all([ask('ann', 'ann'), ask('ann', 'ann'), ask('bob', 'bob')])
  expect([first, second, other].map(({ value }) => value)).toEqual(['ann', 'ann', 'bob'])
  expect(loads()).toBe(2)
})

test('what is to be stored nowhere is shared with nobody', async () => {
  const { ask, loads } = answers()
  const both = await Promise.all([ask('ann', null, 'one'), ask('ann', null, 'two')])
  expect(both.map(({ value }) => value)).toEqual(['one', 'two'])
  expect(loads()).toBe(2)
})

test('readers do not share the failure of the one who was loading for them', async () => {
  const { cache } = answers()
  const entity = cache.define<string>(rowPolicy<string>({ name: 'failing' }))
  const failed = entity.getFirst(['a'], () => Promise.reject(new Error('gone away')))
  const second = entity.getFirst(['a'], async () => ({ key: 'a', value: 'mine' }))
  await expect(failed).rejects.toThrow('gone away')
  expect((await second).value).toBe('mine')
})

test('a load that names another key, and a read without one, are mistakes', async () => {
  const { ask, cache } = answers()
  await expect(ask('ann', 'bob')).rejects.toThrow(CacheContractError)
  const entity = cache.define<string>(rowPolicy<string>({ name: 'none' }))
  await expect(entity.getFirst([], async () => ({ key: null, value: '' }))).rejects.toThrow(
    CacheContractError,
  )
})

test('without Redis, and with a cache that is off, the load answers and says so', async () => {
  const { ask } = answers({ enabled: false })
  expect(await ask('ann', 'public')).toEqual({ value: 'ann', outcome: 'bypass' })
  const unreachable = answers({ redis: server.connect({ path: '/nowhere' }), timeoutMs: 20 })
  expect(await unreachable.ask('ann', 'public')).toEqual({ value: 'ann', outcome: 'bypass' })
})
