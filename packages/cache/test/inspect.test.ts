import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { payloadStart } from '../src/entry-layout.ts'
import { type Cache, type CachedEntity, createCache } from '../src/index.ts'
import { type CacheInspector, createCacheInspector } from '../src/inspect.ts'
import { eventually, type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

let server: RedisNode
let redis: Redis
let cache: Cache
let rows: CachedEntity<Row>
let inspector: CacheInspector

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
})
beforeEach(async () => {
  await cache?.close()
  await redis.flushall()
  cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
  })
  rows = cache.define(rowPolicy({ tags: (id) => [`row:${id}`, 'row'], negativeTtlSeconds: 10 }))
  inspector = createCacheInspector({ redis, domain: 'test' })
})
afterAll(async () => {
  await cache.close()
  await server.close()
})

async function store(...ids: string[]): Promise<void> {
  await rows.getMany(ids, async (some) => some.map((id) => (id === 'none' ? null : { id, version: 1 })))
  await eventually(async () => (await inspector.describe(`row:1:${ids.at(-1)}`)).state === 'fresh')
}

test('an entry tells what it is, what it depends on, and that it would be served', async () => {
  await store('1')
  const { entry, ...outside } = await inspector.describe('row:1:1')
  expect(outside).toEqual({
    redisKey: '{test}:e:row:1:1',
    state: 'fresh',
    isHit: true,
    bytes: await redis.strlen('{test}:e:row:1:1'),
    ttlMs: expect.any(Number),
  })
  const notInvalidated = { lastSequence: null, lastInvalidatedAt: null, ended: false }
  expect(entry).toEqual({
    life: await redis.hget('{test}:fence', '.life'),
    stamp: await redis.hget('{test}:fence', '.seq'),
    softExpiry: expect.any(Date),
    loadMs: expect.any(Number),
    codec: 't',
    tags: [
      { tag: 'row:1', ...notInvalidated },
      { tag: 'row', ...notInvalidated },
    ],
    text: '\n{"id":"1","version":1}',
  })
  expect(Math.abs(entry!.softExpiry.getTime() - Date.now() - 60_000)).toBeLessThan(30_000)
  await store('none')
  expect((await inspector.describe('row:1:none')).entry?.text).toBeNull()
})

test('an entry that was invalidated tells by which tag, and when', async () => {
  await store('1')
  const { sequence } = await cache.invalidate(['row'])
  const { state, isHit, entry } = await inspector.describe('row:1:1')
  expect({ state, isHit }).toEqual({ state: 'invalidated', isHit: false })
  expect(entry?.tags.map(({ tag, lastSequence, ended }) => ({ tag, lastSequence, ended }))).toEqual([
    { tag: 'row:1', lastSequence: null, ended: false },
    { tag: 'row', lastSequence: sequence, ended: true },
  ])
  expect(Math.abs(entry!.tags[1]!.lastInvalidatedAt!.getTime() - Date.now())).toBeLessThan(30_000)
})

test('what is not an entry that would be served says why', async () => {
  const stateOf = async (entry: string) => (await inspector.describe(entry)).state
  expect(await stateOf('row:1:nothing')).toBe('missing')
  await store('1')
  await redis.setrange('{test}:e:row:1:1', 34, '1000000000000')
  expect(await stateOf('row:1:1')).toBe('past_ttl')
  await redis.set('{test}:e:row:1:1', 'abc 1 2 row\n\n{}')
  expect(await stateOf('row:1:1')).toBe('unknown')
  await store('2')
  await cache.clear()
  expect(await stateOf('row:1:2')).toBe('other_life')

  const loading = Promise.withResolvers<null>()
  const read = rows.get('slow', () => loading.promise)
  await eventually(async () => (await stateOf('row:1:slow')) === 'leased')
  loading.resolve(null)
  await read
  const unstored = cache.define(rowPolicy({ name: 'unstored', ttlSecondsOf: () => 0 }))
  await unstored.get('1', async (id) => ({ id, version: 1 }))
  await eventually(async () => (await stateOf('unstored:1:1')) === 'not_storable')
})

test('a tag tells when it was last invalidated, and what depends on it', async () => {
  await store('1', '2')
  expect(await inspector.tag('row:1')).toEqual({
    tag: 'row:1',
    lastSequence: null,
    lastInvalidatedAt: null,
    floor: await redis.hget('{test}:fence', '.floor'),
    dependents: [{ redisKey: '{test}:e:row:1:1', state: 'fresh' }],
    truncated: false,
  })
  const { sequence } = await cache.invalidate(['row:1'])
  const { dependents, lastSequence } = await inspector.tag('row')
  expect(lastSequence).toBeNull()
  expect(dependents.toSorted((a, b) => (a.redisKey < b.redisKey ? -1 : 1))).toEqual([
    { redisKey: '{test}:e:row:1:1', state: 'invalidated' },
    { redisKey: '{test}:e:row:1:2', state: 'fresh' },
  ])
  expect((await inspector.tag('row:1')).lastSequence).toBe(sequence)
  expect(await inspector.tag('row', 1)).toMatchObject({ dependents: { length: 1 }, truncated: true })
})

test('a domain tells what it holds, by policy and state, and of its fence', async () => {
  await store('1', '2', '3')
  const other = cache.define(rowPolicy<string>({ name: 'other', version: 7 }))
  await other.get('x', async () => 'x'.repeat(500))
  const { sequence } = await cache.invalidate(['row:1', 'elsewhere'], { carried: { catalog: '5' } })
  await eventually(async () => (await inspector.stats()).policies.length === 2)
  const stats = await inspector.stats()
  expect(stats.policies).toEqual([
    { policy: 'other:7', entries: 1, bytes: expect.any(Number), states: { fresh: 1 } },
    { policy: 'row:1', entries: 3, bytes: expect.any(Number), states: { fresh: 2, invalidated: 1 } },
  ])
  expect(stats.fence).toMatchObject({ sequence, carried: 'catalog 5', tags: 2, bytes: expect.any(Number) })
  expect(stats.memory).toMatchObject({ maxBytes: 0, evictionPolicy: 'noeviction' })
  expect(stats.subscribers).toBe(0)
  cache.define(rowPolicy({ name: 'in-l1', l1: true }))
  await eventually(async () => (await inspector.stats()).subscribers === 1)
})

test('a fence tells what decides about some tags, without looking at any entry', async () => {
  expect(await inspector.fence(['row:1'])).toMatchObject({ life: null, floor: null, carried: {} })
  await store('1')
  const { sequence } = await cache.invalidate(['row:1'], { carried: { catalog: '5' } })
  const { life, floor, carried, lastOf } = await inspector.fence(['row:1', 'row:2'])
  expect({ life, floor, carried }).toEqual({
    life: expect.stringMatching(/^.{16}$/),
    floor: await redis.hget('{test}:fence', '.floor'),
    carried: { catalog: '5' },
  })
  expect([lastOf('row:1'), lastOf('row:2')]).toEqual([sequence, null])
})

test('looking changes nothing', async () => {
  await store('1')
  const before = [await redis.hgetall('{test}:fence'), await redis.get('{test}:e:row:1:1')]
  await inspector.describe('row:1:1')
  await inspector.describe('row:1:nothing')
  await inspector.tag('row')
  await inspector.fence(['row:1'])
  await inspector.stats()
  expect([await redis.hgetall('{test}:fence'), await redis.get('{test}:e:row:1:1')]).toEqual(before)
  expect(await redis.dbsize()).toBe(2)
})

test('an entry that is damaged is nothing that is known, and no error', async () => {
  await store('1')
  const whole = await redis.getBuffer('{test}:e:row:1:1')
  const damaged = Array.from({ length: payloadStart(whole!) - 1 }, (_, i) => whole!.subarray(0, i + 1))
  await redis.mset(new Map(damaged.map((bytes, i) => [`{test}:e:damaged:1:${i}`, bytes])))
  expect(await inspector.describe('damaged:1:0')).toMatchObject({ state: 'unknown', isHit: false })
  const { policies } = await inspector.stats()
  expect(policies).toContainEqual(
    expect.objectContaining({ policy: 'damaged:1', states: { unknown: damaged.length } }),
  )
})
