import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { compress, decompress } from '../src/compression.ts'
import { payloadStart } from '../src/entry-layout.ts'
import { CacheContractError, createCache } from '../src/index.ts'
import { recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'

let server: RedisNode
let redis: Redis

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
})
afterAll(() => server.close())

test('any text comes back, compressed or not', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.repeat(50)),
  )
  fc.assert(
    fc.property(texts, fc.constantFrom(0, 100, 1_000, Number.POSITIVE_INFINITY), (text, fromBytes) => {
      const { payload, codec } = compress(text, fromBytes)
      // Lone surrogates are no characters, and UTF-8 has no bytes for them.
      expect(decompress(Buffer.from(payload), codec, 2_000_000)).toBe(text.toWellFormed())
    }),
  )
})

test('what is short, or would not shrink, stays as it is', () => {
  expect(compress('x'.repeat(99), 100).codec).toBe('t')
  expect(compress('x'.repeat(100), 100).codec).toBe('z')
  expect(compress('ü'.repeat(50), 100).codec).toBe('z')
  expect(compress('{"id":1}', 0).codec).toBe('t')
})

test('a payload is not inflated to more than a value may have', () => {
  const { payload, codec } = compress('x'.repeat(1_000), 0)
  expect(decompress(payload as Buffer, codec, 1_000)).toHaveLength(1_000)
  expect(() => decompress(payload as Buffer, codec, 999)).toThrow('larger than 999 bytes')
})

test('an entry that inflates to more than its policy allows is loaded again', async () => {
  const logger = recordingLogger()
  const cache = createCache({ redis, domain: 'bomb', logger, ...unhurried })
  const rows = cache.define(rowPolicy({ maxValueBytes: 10_000 }))
  const read = (version: number) => rows.get('1', async (id) => ({ id, version }))
  await read(1)
  const entry = await redis.getBuffer('{bomb}:e:row:1:1')
  const bomb = compress(`\n${JSON.stringify('x'.repeat(10_000))}`, 0).payload as Buffer
  const header = entry!.subarray(0, payloadStart(entry!)).fill('z', 53, 54)
  await redis.set('{bomb}:e:row:1:1', Buffer.concat([header, bomb]))
  expect(await read(2)).toEqual({ id: '1', version: 2 })
  expect(logger.lines).toMatchObject([{ level: 'warn', message: 'A cache entry could not be decoded' }])
  await cache.close()
})

test('a long value is stored short, and comes back', async () => {
  const cache = createCache({ redis, domain: 'test', logger: recordingLogger(), ...unhurried })
  const value = Array.from({ length: 500 }, (_, id) => ({
    id,
    title: 'GSAP Kestrel Deluxe Windbreaks',
    at: new Date(id),
  }))
  const [short, long] = [{}, { name: 'plain', compressFromBytes: Number.POSITIVE_INFINITY }].map((changes) =>
    cache.define(rowPolicy<typeof value>(changes)),
  )
  for (const rows of [short!, long!]) {
    await rows.get('1', async () => value)
    expect(await rows.get('1', () => Promise.reject(new Error('not a hit')))).toEqual(value)
  }
  const [compressed, plain] = await Promise.all(
    ['row', 'plain'].map((name) => redis.strlen(`{test}:e:${name}:1:1`)),
  )
  expect(plain).toBeGreaterThan(30_000)
  expect(compressed).toBeLessThan(plain! / 4)
  await cache.close()
})

test('an entry of a codec that this version does not know, or of a former form, is a miss and no error', async () => {
  const logger = recordingLogger()
  const cache = createCache({ redis, domain: 'former', logger, ...unhurried })
  const rows = cache.define(rowPolicy())
  const read = (version: number) => rows.get('1', async (id) => ({ id, version }))
  await read(1)
  await redis.setrange('{former}:e:row:1:1', 53, '?')
  expect((await read(2))?.version).toBe(2)
  const life = await redis.hget('{former}:fence', '.life')
  const sequence = await redis.hget('{former}:fence', '.seq')
  await redis.set('{former}:e:row:1:1', `${life} ${sequence} 9999999999999 row:1\n\n{"id":"1","version":9}`)
  expect((await read(3))?.version).toBe(3)
  expect((await read(4))?.version).toBe(3)
  expect(logger.lines.filter(({ level }) => level !== 'info')).toEqual([])
  await cache.close()
})

test('a life that an older version named is ended', async () => {
  const older = {
    '.life': 'abcdefghijkl.0',
    '.seq': '1763000000000000',
    '.floor': '1763000000000000',
    '.run': 'x',
  }
  await redis.hset('{older}:fence', older)
  const cache = createCache({ redis, domain: 'older', logger: recordingLogger(), ...unhurried })
  const rows = cache.define(rowPolicy())
  await rows.get('1', async (id) => ({ id, version: 1 }))
  await redis.hset('{older}:fence', '.life', 'abcdefghijkl.0')
  expect((await rows.get('1', async (id) => ({ id, version: 2 })))?.version).toBe(2)
  expect(await redis.hget('{older}:fence', '.life')).toHaveLength(16)
  await cache.close()
})

test('an impossible threshold is refused', () => {
  const cache = createCache({ redis, domain: 'wrong', logger: recordingLogger() })
  expect(() => cache.define(rowPolicy({ compressFromBytes: -1 }))).toThrow(CacheContractError)
})
