import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Connection } from '../src/connection.ts'
import { CacheUnavailableError } from '../src/errors.ts'
import { createFence } from '../src/fence.ts'
import { createInvalidator, type Invalidator } from '../src/invalidator.ts'
import { createCacheMetrics } from '../src/metrics.ts'
import { eventually, recordingLogger } from './cache-kit.ts'

let server: RedisNode
let invalidator: Invalidator
/** What was acknowledged, as L1 is told it. */
let told: { life: string; sequence: string; tags: readonly string[] }[]
let isAway: boolean

beforeAll(async () => {
  server = await startRedisNode()
})
beforeEach(async () => {
  const redis = server.connect()
  await redis.flushall()
  isAway = false
  told = []
  const connection: Pick<Connection, 'reign' | 'tell'> = {
    reign: () => 'run',
    tell: async (command) => (isAway ? Promise.reject(new Error('Redis is away')) : command()),
  }
  invalidator = createInvalidator({
    fence: createFence(() => redis, 'test'),
    connection,
    attemptMs: 1_000,
    attempts: 1,
    retentionMs: () => 3_600_000,
    onAcknowledged: (life, sequence, tags) => told.push({ life, sequence, tags }),
    metrics: createCacheMetrics('test'),
    logger: recordingLogger(),
  })
})
afterEach(() => invalidator.close())
afterAll(() => server.close())

const life = () => server.admin.hget('{test}:fence', '.life')

test('tells L1 of its own invalidation before it resolves', async () => {
  const sequence = await invalidator.invalidate(['x', 'y'], {})
  expect(told).toEqual([{ life: await life(), sequence, tags: ['x', 'y'] }])
})

test('tells L1 of the life that its own clear began before it resolves', async () => {
  const sequence = await invalidator.clear()
  expect(told).toEqual([{ life: await life(), sequence, tags: [] }])
})

test('owes what was not acknowledged, and tells L1 when it was', async () => {
  isAway = true
  await expect(invalidator.invalidate(['x'], {})).rejects.toThrow(CacheUnavailableError)
  expect(invalidator.owes()).toBe(true)
  expect(told).toEqual([])
  isAway = false
  await eventually(() => !invalidator.owes())
  expect(told).toMatchObject([{ life: await life(), tags: ['x'] }])
})

test('more tags than are worth repeating are settled by a new life, of which L1 is told', async () => {
  await invalidator.invalidate(['x'], {})
  const former = await life()
  isAway = true
  const many = Array.from({ length: 10_001 }, (_, i) => `tag:${i}`)
  await expect(invalidator.invalidate(many, {})).rejects.toThrow(CacheUnavailableError)
  isAway = false
  await eventually(() => !invalidator.owes())
  expect(await life()).not.toBe(former)
  expect(told.slice(1)).toMatchObject([{ life: await life(), tags: [] }])
})
