import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis, RedisOptions } from 'ioredis'
import {
  type Cache,
  CacheContractError,
  type CacheOptions,
  type CachePolicy,
  createCache,
} from '../src/index.ts'
import { eventually, type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

/** Each cache here is as if in a process of its own. */
let server: RedisNode
let redis: Redis
const open: Cache[] = []
const BOUND_MS = 100

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
})
beforeEach(() => redis.flushall())
afterEach(async () => {
  server.thaw()
  await Promise.all(open.splice(0).map((cache) => cache.close()))
})
afterAll(() => server.close())

/** A process over a "database" of one version. */
function newProcess(
  database: { version: number },
  {
    connect = {},
    policy = {},
    ...options
  }: Partial<CacheOptions> & { connect?: RedisOptions; policy?: Partial<CachePolicy<Row>> } = {},
) {
  const cache = createCache({
    redis: server.connect(connect),
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
    l1: { boundMs: BOUND_MS },
    ...options,
  })
  open.push(cache)
  const rows = cache.define(rowPolicy({ l1: true, ...policy }))
  let loads = 0
  const load = async (id: string) => {
    loads++
    return database.version === 0 ? null : { id, version: database.version }
  }
  return {
    cache,
    rows,
    loads: () => loads,
    read: async (atLeast?: string) => (await rows.get('1', load, { atLeast }))?.version,
    /** Until it is in L1: the very same value again. */
    async warm() {
      await eventually(async () => {
        const [first, second] = [await rows.get('1', load), await rows.get('1', load)]
        return first === second
      }, 20_000)
    },
    write: async () => {
      database.version++
      return cache.invalidate(['row:1'])
    },
  }
}

test('what is in L1 is answered without Redis, also that there is no such row', async () => {
  for (const version of [1, 0]) {
    const database = { version }
    const reader = newProcess(database)
    await reader.warm()
    await redis.del('{test}:e:row:1:1')
    const before = reader.loads()
    // It is closed for moments when this machine is busy, and then Redis would be asked.
    await eventually(async () => {
      const loads = reader.loads()
      await reader.read()
      return reader.loads() === loads
    })
    expect(reader.loads() - before).toBeLessThanOrEqual(1)
    await redis.flushall()
  }
})

test('an invalidation of another process is not noticed later than the bound', async () => {
  const database = { version: 1 }
  const [reader, writer] = [newProcess(database), newProcess(database)]
  for (let i = 0; i < 20; i++) {
    await reader.warm()
    await writer.write()
    const acknowledgedAt = performance.now()
    for (;;) {
      const beganAt = performance.now()
      const version = await reader.read()
      if (version === database.version) break
      expect(beganAt - acknowledgedAt).toBeLessThan(BOUND_MS)
      await new Promise(setImmediate)
    }
  }
})

test('an invalidation of this process is noticed at once', async () => {
  const database = { version: 1 }
  const reader = newProcess(database)
  for (let i = 0; i < 20; i++) {
    await reader.warm()
    await reader.write()
    expect(await reader.read()).toBe(database.version)
  }
})

test('a read that asks for a sequence gets nothing older, from any process, at once', async () => {
  const database = { version: 1 }
  const [reader, writer] = [newProcess(database), newProcess(database)]
  for (let i = 0; i < 20; i++) {
    await reader.warm()
    const { sequence } = await writer.write()
    expect(await reader.read(sequence)).toBe(database.version)
  }
})

test('getMany takes from L1 what is there, and asks Redis for the rest', async () => {
  const reader = newProcess({ version: 1 })
  const asked: string[][] = []
  const load = async (ids: readonly string[]) => {
    asked.push([...ids])
    return ids.map((id) => ({ id, version: 1 }))
  }
  await reader.warm()
  await redis.del('{test}:e:row:1:1')
  await eventually(async () => {
    asked.length = 0
    await redis.del('{test}:e:row:1:2')
    const rows = await reader.rows.getMany(['2', '1', '2'], load)
    expect(rows.map((row) => row?.id)).toEqual(['2', '1', '2'])
    return asked.length === 1 && asked[0]!.length === 1
  })
})

test('a Redis that does not answer any more closes L1 within the bound', async () => {
  const database = { version: 1 }
  const reader = newProcess(database, { timeoutMs: 200 })
  await reader.warm()
  server.freeze()
  database.version = 2
  await sleep(BOUND_MS + 5)
  expect(await reader.read()).toBe(2)
  server.thaw()
  await redis.flushall()
  await reader.warm()
})

test('when the subscription is lost, nothing that happened meanwhile is missed', async () => {
  const database = { version: 1 }
  const [reader, writer] = [newProcess(database), newProcess(database)]
  for (let i = 0; i < 5; i++) {
    await reader.warm()
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await writer.write()
    const acknowledgedAt = performance.now()
    await sleep(BOUND_MS + 5)
    expect(performance.now() - acknowledgedAt).toBeGreaterThanOrEqual(BOUND_MS)
    expect(await reader.read()).toBe(database.version)
  }
  await reader.warm()
})

test('when both connections are lost, nothing that happened meanwhile is missed', async () => {
  const database = { version: 1 }
  const [reader, writer] = [newProcess(database), newProcess(database)]
  await reader.warm()
  await writer.read()
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await writer.write()
  await sleep(BOUND_MS + 5)
  expect(await reader.read()).toBe(2)
  await reader.warm()
})

test('what is cleared or flushed by another process is not served for longer than the bound', async () => {
  const database = { version: 1 }
  const [reader, other] = [newProcess(database), newProcess(database)]
  await reader.warm()
  database.version = 2
  await other.cache.clear()
  await sleep(BOUND_MS + 5)
  expect(await reader.read()).toBe(2)
  await reader.warm()
  // A flush alone replaces nothing; the next write begins a life, and is noticed like any other.
  await redis.flushall()
  await other.write()
  await sleep(BOUND_MS + 5)
  expect(await reader.read()).toBe(3)
})

test('a value whose invalidation is not acknowledged is not served by this process', async () => {
  const database = { version: 1 }
  const reader = newProcess(database, { invalidateTimeoutMs: 1, timeoutMs: 100 })
  await reader.warm()
  server.freeze()
  await reader.write().catch(() => undefined)
  expect(await reader.read()).toBe(2)
})

test('an invalidation by an older version of this package, which does not publish, is noticed within the bound too', async () => {
  const database = { version: 1 }
  const reader = newProcess(database)
  await reader.warm()
  database.version = 2
  const sequence = String(Number(await redis.hget('{test}:fence', '.seq')) + 1)
  await redis.hset('{test}:fence', { '.seq': sequence, 'row:1': sequence })
  await sleep(BOUND_MS + 5)
  expect(await reader.read()).toBe(2)
  await reader.warm()
})

test('L1 is confirmed only while somebody reads, and again when somebody does', async () => {
  const reader = newProcess({ version: 1 })
  await reader.warm()
  const confirmations = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)
  await eventually(async () => {
    const before = await confirmations()
    await sleep(5 * BOUND_MS)
    return (await confirmations()) === before
  })
  await reader.warm()
})

test('it works for a connection with a key prefix, and for one that speaks RESP2', async () => {
  for (const connect of [{ keyPrefix: 'shop:' }, { protocol: 2 as const }]) {
    const database = { version: 1 }
    const [reader, writer] = [newProcess(database, { connect }), newProcess(database, { connect })]
    await reader.warm()
    await writer.write()
    await sleep(BOUND_MS + 5)
    expect(await reader.read()).toBe(2)
    await reader.warm()
  }
})

test('a cache that is off has no L1, and a bound that outer levels do not know of is refused', async () => {
  const reader = newProcess({ version: 1 }, { enabled: false })
  await reader.read()
  await reader.read()
  expect(reader.loads()).toBe(2)
  expect(await redis.pubsub('CHANNELS')).toEqual([])
  expect(() => newProcess({ version: 1 }, { l1: { boundMs: 1_001 } })).toThrow(CacheContractError)
})
