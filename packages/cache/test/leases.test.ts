import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { type Cache, type CacheOptions, type CachePolicy, createCache } from '../src/index.ts'
import { eventually, type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

/** Each cache here is as if in a process of its own: another connection, other flights, other leases. */
let server: RedisNode
let redis: Redis
const open: Cache[] = []

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
})
beforeEach(() => redis.flushall())
afterEach(() => Promise.all(open.splice(0).map((cache) => cache.close())))
afterAll(() => server.close())

function process(policy: Partial<CachePolicy<Row>> = {}, options: Partial<CacheOptions> = {}) {
  const cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
    leaseMs: 60_000,
    leaseWaitMs: 60_000,
    ...options,
  })
  open.push(cache)
  const rows = cache.define(rowPolicy(policy))
  const loads: string[][] = []
  return {
    cache,
    rows,
    loads,
    /** Reads keys with a load that lasts until `until`. */
    read: (keys: readonly string[], until: Promise<unknown> = Promise.resolve(), version = 1) =>
      rows.getMany(keys, async (ids) => {
        loads.push([...ids])
        await until
        return ids.map((id) => ({ id, version }))
      }),
  }
}

/** Readers of two processes, the second held off by the lease of the first. */
async function held(policy: Partial<CachePolicy<Row>> = {}, options: Partial<CacheOptions> = {}) {
  const [first, second] = [process(policy, options), process(policy, options)]
  await second.read(['warm'])
  const finished = Promise.withResolvers<void>()
  const firstRead = first.read(['1'], finished.promise)
  await eventually(() => first.loads.length === 1)
  return { first, second, firstRead, finish: finished.resolve, fail: finished.reject }
}

test('while one process loads a key, the readers of another wait, and are answered by it', async () => {
  const { first, second, firstRead, finish } = await held()
  const others = Promise.all(Array.from({ length: 20 }, () => second.read(['1'])))
  const scripts = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)
  const before = await scripts()
  // They have looked some times, and in vain.
  await eventually(async () => (await scripts()) > before + 5)
  finish()
  expect(await firstRead).toEqual([{ id: '1', version: 1 }])
  for (const values of await others) expect(values).toEqual([{ id: '1', version: 1 }])
  expect([first.loads, second.loads]).toEqual([[['1']], [['warm']]])
})

test('only the keys that are being loaded are waited for', async () => {
  const { second, firstRead, finish } = await held()
  const both = second.read(['2', '1', 'warm'])
  await eventually(() => second.loads.length === 2)
  expect(second.loads[1]).toEqual(['2'])
  finish()
  await firstRead
  expect((await both).map((row) => row?.id)).toEqual(['2', '1', 'warm'])
})

test('a process that dies while it loads holds the others up for no longer than they are willing to wait', async () => {
  const { second } = await held({}, { leaseWaitMs: 50 })
  expect(await second.read(['1'])).toEqual([{ id: '1', version: 1 }])
  expect(second.loads).toEqual([['warm'], ['1']])
  // What the second process stored ends the lease.
  const third = process()
  await eventually(async () => {
    const before = third.loads.length
    await third.read(['1'])
    return third.loads.length === before
  })
})

test('when the load fails, one of those who wait loads instead, for all of them', async () => {
  const { second, firstRead, fail } = await held()
  const others = Promise.all(Array.from({ length: 20 }, () => second.read(['1'])))
  await sleep(20)
  fail(new Error('the client went away'))
  await expect(firstRead).rejects.toThrow('went away')
  await others
  expect(second.loads).toEqual([['warm'], ['1']])
})

test('what is invalidated while it is loaded is not waited for any longer', async () => {
  const { first, second, firstRead, finish } = await held()
  const other = second.read(['1'], undefined, 2)
  await sleep(20)
  await first.cache.invalidate(['row:1'])
  finish()
  expect(await firstRead).toEqual([{ id: '1', version: 1 }])
  // It began before the invalidation was acknowledged, but nothing that was refused may reach it.
  expect(await other).toEqual([{ id: '1', version: 2 }])
})

test('for values that are not stored nobody waits a second time', async () => {
  const { second, firstRead, finish } = await held({ ttlSecondsOf: () => 0 })
  finish()
  await firstRead
  await eventually(async () => (await redis.get('{test}:e:row:1:1')) === '\x03-')
  const slow = Promise.withResolvers<void>()
  const third = process({ ttlSecondsOf: () => 0 })
  const thirdRead = third.read(['1'], slow.promise)
  await eventually(() => third.loads.length === 1)
  expect(await second.read(['1'])).toEqual([{ id: '1', version: 1 }])
  slow.resolve()
  await thirdRead
})

test('a policy without leases makes nobody wait', async () => {
  const { second, firstRead, finish } = await held({ lease: false })
  expect(await second.read(['1'])).toEqual([{ id: '1', version: 1 }])
  expect(await redis.keys('*')).toHaveLength(3)
  finish()
  await firstRead
})

test('a lease ends by itself', async () => {
  const { finish, firstRead } = await held()
  expect(await redis.get('{test}:e:row:1:1')).toHaveLength(17)
  expect(await redis.pttl('{test}:e:row:1:1')).toBeGreaterThan(0)
  finish()
  await firstRead
})

test('a load that hangs holds up those who joined it for as long as a lease, and then one loads for all of them', async () => {
  const { read, loads } = process({}, { leaseMs: 1_000 })
  const hangs = Promise.withResolvers<void>()
  // All with one READ: a busy machine could end the lease before another one is answered.
  const first = read(['1'], hangs.promise)
  const others = await Promise.all(Array.from({ length: 20 }, () => read(['1', '2'], undefined, 2)))
  for (const values of others) expect(values.map((row) => row?.version)).toEqual([2, 2])
  expect(loads).toEqual([['1'], ['2'], ['1']])
  hangs.resolve()
  expect(await first).toEqual([{ id: '1', version: 1 }])
})

test('whoever has waited in vain for two loads loads by itself', async () => {
  const { read, loads } = process({}, { leaseMs: 100 })
  const hangs = Promise.withResolvers<void>()
  const hanging = [read(['1'], hangs.promise)]
  await eventually(() => loads.length === 1)
  hanging.push(read(['1'], hangs.promise))
  const last = read(['1'], undefined, 2)
  expect(await last).toEqual([{ id: '1', version: 2 }])
  expect(loads).toEqual([['1'], ['1'], ['1']])
  hangs.resolve()
  await Promise.all(hanging)
})

test('a reader that gave up waiting shares the load of its own process', async () => {
  const { second, finish, firstRead } = await held({}, { leaseWaitMs: 30 })
  const slow = Promise.withResolvers<void>()
  const impatient = Array.from({ length: 5 }, () => second.read(['1'], slow.promise))
  await eventually(() => second.loads.length === 2)
  const later = second.read(['1'], slow.promise)
  slow.resolve()
  await Promise.all([...impatient, later])
  expect(second.loads).toHaveLength(2)
  finish()
  await firstRead
})
