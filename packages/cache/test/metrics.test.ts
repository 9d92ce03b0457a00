import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type MeterProvider, metrics } from '@opentelemetry/api'
import { createCache } from '../src/index.ts'
import { countingLoader, eventually, recordingLogger, rowPolicy } from './cache-kit.ts'
import { type RedisProcess, startRedis } from './redis-process.ts'

let server: RedisProcess
let counted: Record<string, number> = {}

const count = (name: string) => ({
  add(value: number, attributes: Record<string, string>) {
    const labels = Object.entries(attributes).filter(([label]) => label !== 'domain')
    const key = [name, ...labels.map(([, text]) => text)].join(' ')
    counted[key] = (counted[key] ?? 0) + value
  },
  record: () => undefined,
})

beforeAll(async () => {
  server = await startRedis()
  const meter = { createCounter: count, createGauge: count }
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as unknown as MeterProvider)
})
beforeEach(() => {
  counted = {}
})
afterAll(async () => {
  metrics.disable()
  await server.close()
})

test('every key read, every value stored and every invalidation is counted by its outcome', async () => {
  const cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    timeoutMs: 1_000,
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
  expect(counted).toEqual({
    'freshet.cache.lives redis_changed': 1,
    'freshet.cache.reads row miss': 5,
    'freshet.cache.reads row hit': 1,
    'freshet.cache.reads row negative_hit': 1,
    'freshet.cache.fills row stored': 3,
    'freshet.cache.fills row too_large': 1,
    'freshet.cache.fills row refused': 1,
    'freshet.cache.invalidations acknowledged': 1,
  })
})

test('a dead Redis shows as bypassed reads and errors', async () => {
  const redis = server.connect()
  const cache = createCache({
    redis,
    domain: 'test',
    logger: recordingLogger(),
    timeoutMs: 1_000,
    invalidateTimeoutMs: 20,
  })
  const rows = cache.define(rowPolicy())
  await rows.getMany(['1'], countingLoader().load)
  await server.kill()
  await eventually(() => redis.status !== 'ready')
  counted = {}
  await rows.getMany(['1', '2'], countingLoader().load)
  await cache.invalidate(['row:1']).catch(() => undefined)
  await cache.close()
  expect(counted).toMatchObject({
    'freshet.cache.reads row bypass': 2,
    'freshet.cache.errors read': 1,
    'freshet.cache.invalidations failed': 1,
  })
})
