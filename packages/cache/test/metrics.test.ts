import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { type Span, trace } from '@opentelemetry/api'
import { createCache } from '../src/index.ts'
import { countingLoader, eventually, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'
import { recordMetrics } from './recording-meter.ts'

let server: RedisNode
let metrics: ReturnType<typeof recordMetrics>

beforeAll(async () => {
  server = await startRedisNode()
})
beforeEach(() => {
  metrics = recordMetrics()
})
afterEach(() => metrics.stop())
afterAll(() => server.close())

test('every key read, every value stored and every invalidation is counted by its outcome', async () => {
  const cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
  })
  const rows = cache.define(rowPolicy({ maxValueBytes: 100 }))
  const { load } = countingLoader((id) =>
    id === 'none' ? null : { id: id === 'long' ? id.repeat(99) : id, version: 1 },
  )
  await rows.getMany(['1', '2', 'none', 'long'], load)
  await rows.getMany(['1', 'none'], load)
  await rows.getMany(['3'], async (ids) => {
    await cache.invalidate(['row:3'])
    return load(ids)
  })
  await cache.close()
  expect(metrics.now()).toEqual({
    'freshet.cache.lives redis_changed': 1,
    'freshet.cache.reads row miss load': 5,
    'freshet.cache.reads row hit redis': 1,
    'freshet.cache.reads row negative_hit redis': 1,
    'freshet.cache.fills row stored': 3,
    'freshet.cache.fills row too_large': 1,
    'freshet.cache.fills row refused': 1,
    'freshet.cache.invalidations acknowledged': 1,
    'freshet.cache.invalidation.duration': 1,
  })
})

test('what L1 answers is counted as its own, and how much it holds can be seen', async () => {
  const cache = createCache({
    redis: server.connect(),
    domain: 'in-process',
    logger: recordingLogger(),
    ...unhurried,
  })
  const rows = cache.define(rowPolicy({ l1: true }))
  const { load } = countingLoader((id) => (id === 'none' ? null : { id, version: 1 }))
  await eventually(async () => {
    await rows.getMany(['1', 'none'], load)
    const now = metrics.now()
    return now['freshet.cache.reads row hit l1']! > 0 && now['freshet.cache.reads row negative_hit l1']! > 0
  })
  expect(metrics.now()['freshet.cache.l1_bytes']).toBeGreaterThan(0)
  await cache.close()
})

test('a dead Redis shows as bypassed reads and errors, and in the trace of whoever reads', async () => {
  const redis = server.connect()
  const cache = createCache({
    redis,
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
    invalidateTimeoutMs: 20,
  })
  const rows = cache.define(rowPolicy())
  await rows.getMany(['1'], countingLoader().load)
  await server.kill()
  await eventually(() => redis.status !== 'ready')
  const addEvent = jest.fn()
  const active = jest.spyOn(trace, 'getActiveSpan')
  active.mockReturnValue({ addEvent, isRecording: () => true } as unknown as Span)
  await rows.getMany(['1', '2'], countingLoader().load)
  active.mockRestore()
  expect(addEvent.mock.calls).toEqual([['freshet.cache.bypass', { domain: 'test', policy: 'row', count: 2 }]])
  await cache.invalidate(['row:1']).catch(() => undefined)
  await cache.close()
  expect(metrics.now()).toMatchObject({
    'freshet.cache.reads row bypass load': 2,
    'freshet.cache.errors read': 1,
    'freshet.cache.invalidations failed': 1,
  })
})
