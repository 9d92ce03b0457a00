import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Cache, type CachedEntity, createCache } from '../src/index.ts'
import { type Row, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

/** Each test is one order of events that makes a simpler cache serve a replaced value. */
let server: RedisNode
let cache: Cache
let rows: CachedEntity<Row>
let database: Row

beforeAll(async () => {
  server = await startRedisNode()
  cache = createCache({
    redis: server.connect(),
    domain: 'test',
    logger: recordingLogger(),
    ...unhurried,
  })
  rows = cache.define(rowPolicy())
})
beforeEach(async () => {
  await server.connect().flushall()
  database = { id: '1', version: 1 }
})
afterAll(async () => {
  await cache.close()
  await server.close()
})

/** A reader that has loaded from the database and is held up before its value can be stored. */
function heldReader() {
  const loaded = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const value = rows.get('1', async () => {
    const snapshot = { ...database }
    loaded.resolve()
    await released.promise
    return snapshot
  })
  return { loaded: loaded.promise, release: released.resolve, value }
}
const fresh = () => rows.get('1', async () => ({ ...database }))
const write = async () => {
  database = { ...database, version: database.version + 1 }
  await cache.invalidate(['row:1'])
}

test('a reader loads, a writer commits and invalidates, the reader stores: its value is refused', async () => {
  const reader = heldReader()
  await reader.loaded
  await write()
  reader.release()
  expect((await reader.value)?.version).toBe(1) // it began before the invalidation
  expect((await fresh())?.version).toBe(2)
})

test('a reader that begins after the invalidation does not join a load that began before', async () => {
  const early = heldReader()
  await early.loaded
  await write()
  const late = fresh()
  expect((await late)?.version).toBe(2)
  early.release()
  await early.value
  expect((await fresh())?.version).toBe(2)
})

test('a reader that begins while nothing was invalidated since does join', async () => {
  const first = heldReader()
  await first.loaded
  let loads = 0
  const second = rows.get('1', async () => {
    loads++
    return { ...database }
  })
  setTimeout(first.release, 30)
  expect((await second)?.version).toBe(1)
  expect(loads).toBe(0)
})

test('the value stored under the new sequence survives the late reader of the old one', async () => {
  const late = heldReader()
  await late.loaded
  await write()
  await fresh()
  late.release()
  await late.value
  expect(await rows.get('1', () => Promise.reject(new Error('not a hit')))).toEqual({ id: '1', version: 2 })
})

test('a flush between the invalidation and the store does not let the old value in', async () => {
  const reader = heldReader()
  await reader.loaded
  await write()
  await server.connect().flushall()
  reader.release()
  await reader.value
  expect((await fresh())?.version).toBe(2)
})

test('the same invalidation delivered again, late, only costs a load', async () => {
  await write()
  await fresh()
  await cache.invalidate(['row:1'])
  let loads = 0
  await rows.get('1', async () => {
    loads++
    return { ...database }
  })
  expect(loads).toBe(1)
})
