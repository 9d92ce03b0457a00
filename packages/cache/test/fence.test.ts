import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { createFence, type Fence, TAGS_PER_SCRIPT } from '../src/fence.ts'
import { eventually } from './cache-kit.ts'
import { fillingOf as entry, type PlainFence, plain } from './plain-fence.ts'

let server: RedisNode
let redis: Redis
let leasing: Fence
let fence: PlainFence
const HOUR = 3_600_000

beforeAll(async () => {
  server = await startRedisNode()
  redis = server.connect()
  leasing = createFence(() => redis, 'test')
  fence = plain(leasing)
})
beforeEach(() => redis.flushall())
afterAll(() => server.close())

const read = async (...keys: string[]) => (await fence.read(keys, 'run')).payloads
const invalidate = (...tags: string[]) => fence.invalidate(tags, {}, 'run', HOUR)
const control = (field: string) => redis.hget('{test}:fence', field)
const microseconds = async () => {
  const [seconds, rest] = await redis.time()
  return Number(seconds) * 1e6 + Number(rest)
}

test('a domain that holds nothing begins its life with the first READ, at the time of Redis', async () => {
  const before = await microseconds()
  const { life, stamp, payloads } = await fence.read(['a'], 'run')
  expect(Number(stamp)).toBeGreaterThanOrEqual(before)
  expect(Number(stamp)).toBeLessThanOrEqual(await microseconds())
  expect(payloads).toEqual([null])
  expect(await redis.hgetall('{test}:fence')).toEqual({
    '.life': life,
    '.seq': stamp,
    '.floor': stamp,
    '.run': 'run',
  })
})

test('what was filled is read until one of its tags is invalidated', async () => {
  const reading = await fence.read(['a', 'b'], 'run')
  expect(await fence.fill(reading, [entry('a', ['x', 'y'], 'A'), entry('b', ['z'], 'B')])).toEqual([
    'stored',
    'stored',
  ])
  expect(await read('a', 'b', 'c')).toEqual(['A', 'B', null])
  await invalidate('y')
  expect(await read('a', 'b')).toEqual([null, 'B'])
})

test('sequences are whole numbers of microseconds that only rise, also when Redis is asked twice in one microsecond', async () => {
  const all = await Promise.all(Array.from({ length: 200 }, () => invalidate('x')))
  const sequences = all.map(({ sequence }) => sequence)
  for (const sequence of sequences) expect(sequence).toMatch(/^\d{16}$/)
  expect(new Set(sequences).size).toBe(200)
  expect(sequences.toSorted()).toEqual(sequences)
})

test('the sequence rises also when the clock of Redis has gone back', async () => {
  await invalidate('x')
  const future = String(Number(await control('.seq')) + 1e12)
  await redis.hset('{test}:fence', '.seq', future)
  expect((await invalidate('x')).sequence).toBe(String(Number(future) + 1))
})

test('a FILL is refused when a tag was invalidated after its READ', async () => {
  const reading = await fence.read(['a', 'b'], 'run')
  await invalidate('x')
  expect(await fence.fill(reading, [entry('a', ['w', 'x']), entry('b', ['w'])])).toEqual([
    'refused',
    'stored',
  ])
  expect(await read('a', 'b')).toEqual([null, 'value'])
})

test('an invalidation before the READ does not refuse the FILL', async () => {
  await invalidate('x')
  const reading = await fence.read(['a'], 'run')
  expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['stored'])
  expect(await read('a')).toEqual(['value'])
})

test('a FILL never replaces an entry of a later READ, but does replace one of the same', async () => {
  const early = await fence.read(['a'], 'run')
  await invalidate('unrelated')
  const late = await fence.read(['a'], 'run')
  expect(await fence.fill(late, [entry('a', ['x'], 'late')])).toEqual(['stored'])
  expect(await fence.fill(early, [entry('a', ['x'], 'early')])).toEqual(['newer'])
  expect(await fence.fill(late, [entry('a', ['x'], 'late again')])).toEqual(['stored'])
  expect(await read('a')).toEqual(['late again'])
})

test('a FILL replaces whatever else lies under its key', async () => {
  const reading = await fence.read(['text', 'list'], 'run')
  await redis.set('{test}:text', 'not an entry')
  await redis.lpush('{test}:list', 'not even a string')
  expect(await read('text', 'list')).toEqual([null, null])
  expect(await fence.fill(reading, [entry('text', ['x']), entry('list', ['x'])])).toEqual([
    'stored',
    'stored',
  ])
  expect(await read('text', 'list')).toEqual(['value', 'value'])
})

test('a flush in between refuses the FILL, although the invalidation was flushed too', async () => {
  const reading = await fence.read(['a'], 'run')
  await invalidate('x')
  await redis.flushall()
  expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['refused'])
  await read('a')
  expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['refused'])
})

test('a flush in between refuses the FILL also when the clock went back with it', async () => {
  await read('a')
  await redis.hset('{test}:fence', '.seq', '9000000000000000')
  const reading = await fence.read(['a'], 'run')
  expect(reading.stamp).toBe('9000000000000000')
  await redis.flushall()
  expect(Number((await fence.read(['a'], 'run')).stamp)).toBeLessThan(Number(reading.stamp))
  expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['refused'])
})

test('an entry of another life is not served', async () => {
  const reading = await fence.read(['a'], 'run')
  await fence.fill(reading, [entry('a', ['x'])])
  await redis.del('{test}:fence') // what an allkeys-* eviction would do
  expect(await read('a')).toEqual([null])
  expect(await read('a')).toEqual([null])
})

test('an entry of another life does not keep out a new one, although the clock went back in between', async () => {
  await read('a')
  await redis.hset('{test}:fence', '.seq', '9000000000000000')
  await fence.fill(await fence.read(['a'], 'run'), [entry('a', ['x'], 'former')])
  await redis.del('{test}:fence')
  expect(await fence.fill(await fence.read(['a'], 'run'), [entry('a', ['x'], 'new')])).toEqual(['stored'])
  expect(await read('a')).toEqual(['new'])
})

test('an INVALIDATE that finds nothing begins a life', async () => {
  const { sequence } = await invalidate('x')
  expect(await control('.floor')).toBe(sequence)
  const reading = await fence.read(['a'], 'run')
  expect(reading.stamp).toBe(sequence)
  expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['stored'])
  expect(await read('a')).toEqual(['value'])
})

test('entries have a TTL and the fence has none, so volatile eviction takes only entries', async () => {
  const before = await microseconds()
  await fence.fill(await fence.read(['a'], 'run'), [entry('a', ['x'])])
  expect(await redis.pexpiretime('{test}:a')).toBeGreaterThanOrEqual(Math.floor(before / 1_000) + 60_000)
  expect(await redis.pttl('{test}:fence')).toBe(-1)
})

/** Tags come and go until all that match are forgotten; nothing is to be remembered for longer than the last of them. */
async function forget(match: RegExp): Promise<void> {
  for (let i = 0; i < 10_000; i++) {
    await fence.invalidate([`new:${i}`], {}, 'run', 0)
    if (i % 50 === 0 && !(await redis.hkeys('{test}:fence')).some((field) => match.test(field))) return
  }
  throw new Error(`Never forgotten: ${match.source}`)
}

test('a tag that no living entry can depend on is forgotten, and the floor rises to it', async () => {
  await read('a')
  const floorBefore = await control('.floor')
  const { sequence: forgotten } = await fence.invalidate(['old'], {}, 'run', HOUR)
  await forget(/^old$/)
  const { sequence: last } = await invalidate('remembered')
  expect(await control('remembered')).toBe(last)
  expect(Number(forgotten)).toBeGreaterThan(Number(floorBefore))
  expect(Number(await control('.floor'))).toBeGreaterThanOrEqual(Number(forgotten))
  expect(Number(await control('.floor'))).toBeLessThan(Number(last))
})

test('forgetting a tag never revives what it had invalidated, and refuses what was being loaded', async () => {
  const reading = await fence.read(['a', 'b'], 'run')
  await fence.fill(reading, [entry('a', ['x'])])
  await invalidate('x')
  await forget(/^x$/)
  expect(await read('a')).toEqual([null])
  expect(await fence.fill(reading, [entry('b', ['x'])])).toEqual(['refused'])
})

test('when many new tags come at once, as many old ones go', async () => {
  const tags = (name: string) => Array.from({ length: 1_000 }, (_, i) => `${name}:${i}`)
  await invalidate(...tags('old'))
  await fence.invalidate(tags('new'), {}, 'run', 0)
  const left = (await redis.hkeys('{test}:fence')).filter((field) => field.startsWith('old:'))
  expect(left.length).toBeLessThan(500)
})

/** As many new ones as make an INVALIDATE forget old ones. */
const manyTags = Array.from({ length: 16 }, (_, i) => `new:${i}`)

test('of several tags that are forgotten at once the latest invalidation counts, whatever their order', async () => {
  // A hash of a few fields keeps them in the order in which they came: 'late' is looked at before 'early'.
  await invalidate('late')
  await invalidate('early')
  await fence.fill(await fence.read(['a'], 'run'), [entry('a', ['late'])])
  const { sequence } = await invalidate('late')
  await fence.invalidate(manyTags, {}, 'run', 0)
  expect((await redis.hkeys('{test}:fence')).filter((tag) => !tag.startsWith('.')).toSorted()).toEqual(
    manyTags.toSorted(),
  )
  expect(await control('.floor')).toBe(sequence)
  expect(await read('a')).toEqual([null])
})

test('old tags are swept while new ones come, and all of them in the end', async () => {
  for (let i = 0; i < 10; i++) await invalidate(...Array.from({ length: 100 }, (_, j) => `old:${i}:${j}`))
  expect(await redis.hlen('{test}:fence')).toBeGreaterThan(1_000)
  await forget(/^old:/)
})

test('the same Redis keeps its life, another one ends every entry and every load under way', async () => {
  await fence.beginLife('run', false)
  const reading = await fence.read(['a', 'b'], 'run')
  await fence.fill(reading, [entry('a', ['x'])])
  expect(await fence.beginLife('run', false)).toMatchObject({ begun: false })
  expect(await read('a')).toEqual(['value'])
  expect(await fence.beginLife('another run', false)).toMatchObject({ begun: true })
  expect(await read('a')).toEqual([null])
  expect(await fence.fill(reading, [entry('b', ['x'])])).toEqual(['refused'])
  expect(await fence.beginLife('another run', true)).toMatchObject({ begun: true })
})

test('the sequence rises also with a new life, when the clock of the other Redis is behind', async () => {
  await fence.beginLife('run', false)
  await redis.hset('{test}:fence', '.seq', '9000000000000000')
  expect((await fence.beginLife('another run', false)).sequence).toBe('9000000000000001')
})

test('a batch longer than one script keeps its order, its hits and one stamp', async () => {
  const keys = Array.from({ length: 1_700 }, (_, i) => `k${i}`)
  const reading = await fence.read(keys, 'run')
  const half = keys.filter((_, i) => i % 2 === 0)
  const tags = (key: string) => Array.from({ length: 20 }, (_, i) => `${key}:${i}`)
  expect(
    new Set(
      await fence.fill(
        reading,
        half.map((key) => entry(key, tags(key), key)),
      ),
    ),
  ).toEqual(new Set(['stored']))
  expect((await fence.read(keys, 'run')).payloads).toEqual(keys.map((key, i) => (i % 2 === 0 ? key : null)))
})

test('a batch longer than one script claims no more than the first of its scripts knew', async () => {
  let scripts = 0
  const interrupted = plain(
    createFence(() => {
      // Sent between the two scripts of the READ.
      if (++scripts === 2) void invalidate('x')
      return redis
    }, 'test'),
  )
  // Both scripts are known, so that nothing is sent twice and out of order.
  await invalidate('y')
  await read('k0')
  const keys = Array.from({ length: 501 }, (_, i) => `k${i}`)
  const reading = await interrupted.read(keys, 'run')
  expect(scripts).toBe(2)
  expect(Number(reading.stamp)).toBeLessThan(Number(await control('x')))
  expect(await fence.fill(reading, [entry('k0', ['x']), entry('k500', ['y'])])).toEqual(['refused', 'stored'])
})

test('an invalidation longer than one script has the sequence of its last one', async () => {
  const { sequence } = await invalidate(...Array.from({ length: TAGS_PER_SCRIPT + 1 }, (_, i) => `x${i}`))
  expect(sequence).toBe(await control('.seq'))
  expect(Number(await control('x0'))).toBeLessThan(Number(sequence))
})

test('each invalidation is published with the sequence before it, so that one that was not heard is noticed', async () => {
  const subscriber = server.connect()
  await subscriber.subscribe('{test}:invalidations')
  const heard: string[] = []
  subscriber.on('message', (_, message) => heard.push(message))
  const first = await invalidate('x')
  const second = await invalidate('y', 'z')
  await eventually(() => heard.length === 2)
  expect(heard).toEqual([
    `${first.life} 0 ${first.sequence} x`,
    `${first.life} ${first.sequence} ${second.sequence} y z`,
  ])
})

test('an entry that is damaged anywhere is a miss of that key alone, in every mode, and the next FILL replaces it', async () => {
  await fence.fill(await fence.read(['whole'], 'run'), [entry('whole', ['x', 'y'], '')])
  const whole = await redis.getBuffer('{test}:whole')
  const cut = Array.from(whole!, (_, length) => whole!.subarray(0, length))
  const garbled = Array.from(whole!, (_, at) => Buffer.from(whole!).fill('?', at, at + 1))
  const damaged = [...cut, ...garbled]
  const keys = damaged.map((_, i) => `k${i}`)
  await redis.mset(new Map(damaged.map((bytes, i) => [`{test}:k${i}`, bytes])))
  const [codec, tags] = [53, 67]
  for (const extra of [undefined, 'time', 'age', 'soft'] as const) {
    const { slots } = await leasing.read(
      [...keys, 'whole'],
      'run',
      extra ? { lease: false, extra } : { lease: false },
    )
    const misses = slots.map((slot) => slot === null)
    expect(misses.pop()).toBe(false)
    expect(misses.slice(0, cut.length)).toEqual(cut.map(() => true))
    // Every byte counts but the codec, which the caller looks at, and those of the tags: other tags would be tags, too.
    expect(misses.slice(cut.length, cut.length + tags)).toEqual(
      Array.from({ length: tags }, (_, at) => at !== codec),
    )
  }
  const fillings = keys.map((key) => entry(key, ['x'], key))
  expect(new Set(await fence.fill(await fence.read(keys, 'run'), fillings))).toEqual(new Set(['stored']))
  expect(await read(...keys)).toEqual(keys)
})

test.each(['.seq', '.floor'])('a fence whose %s is no number is no life: a new one begins', async (field) => {
  for (const begin of [() => read('a'), () => invalidate('unrelated')]) {
    await read('a')
    const former = await fence.read(['a'], 'run')
    await redis.hset('{test}:fence', field, 'abc')
    await begin()
    expect(await control('.life')).not.toBe(former.life)
    expect(await fence.fill(former, [entry('a', ['x'])])).toEqual(['refused'])
    expect(await fence.fill(await fence.read(['a'], 'run'), [entry('a', ['x'])])).toEqual(['stored'])
    expect(await read('a')).toEqual(['value'])
  }
})

test('a FILL into a fence whose floor is no number is refused', async () => {
  const reading = await fence.read(['a'], 'run')
  await redis.hset('{test}:fence', '.floor', 'abc')
  expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['refused'])
})

test('a tag whose sequence is no number counts as just invalidated, until it is invalidated or forgotten', async () => {
  for (const mend of [() => invalidate('x'), () => fence.invalidate(manyTags, {}, 'run', HOUR)]) {
    const reading = await fence.read(['a', 'b'], 'run')
    await fence.fill(reading, [entry('a', ['x']), entry('b', ['y'])])
    // Where to go on with forgetting may be damaged, too.
    await redis.hset('{test}:fence', { x: 'abc', '.sweep': 'abc' })
    expect(await read('a', 'b')).toEqual([null, 'value'])
    expect(await fence.fill(reading, [entry('a', ['x'])])).toEqual(['refused'])
    await mend()
    expect(await read('a')).toEqual([null])
    expect(await fence.fill(await fence.read(['a'], 'run'), [entry('a', ['x'])])).toEqual(['stored'])
    expect(await read('a')).toEqual(['value'])
  }
})

test('something else under the key of the fence is an error that names the key, and says what to do', async () => {
  const reading = await fence.read(['a'], 'run')
  await redis.set('{test}:fence', 'not a hash')
  for (const ask of [
    () => read('a'),
    () => invalidate('x'),
    () => fence.fill(reading, [entry('a', ['x'])]),
    () => fence.beginLife('run', false),
  ])
    await expect(ask()).rejects.toThrow(/"\{test\}:fence".*delete it/)
})

test('payloads of any text come back as they were', async () => {
  const payloads = ['', '\n', 'a\nb\n', '1 2 3 x\n', '🜁 Ünïcödé ‮', 'x'.repeat(300_000)]
  const keys = payloads.map((_, i) => `k${i}`)
  await fence.fill(
    await fence.read(keys, 'run'),
    payloads.map((payload, i) => entry(keys[i]!, ['x', 'ü🜁%'], payload)),
  )
  expect(await read(...keys)).toEqual(payloads)
})

test('in any order of fills and invalidations a key is a hit exactly if none of its tags was invalidated since', async () => {
  const tags = ['t0', 't1', 't2']
  const operation = fc.oneof(
    fc.record({ fill: fc.constantFrom('k0', 'k1', 'k2'), tags: fc.subarray(tags, { minLength: 1 }) }),
    fc.record({ invalidate: fc.subarray(tags, { minLength: 1 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
      await redis.flushall()
      const live = new Map<string, { tags: string[]; payload: string }>()
      for (const [i, each] of operations.entries()) {
        if ('fill' in each) {
          const payload = `${i}`
          await fence.fill(await fence.read([each.fill], 'run'), [entry(each.fill, each.tags, payload)])
          live.set(each.fill, { tags: each.tags, payload })
        } else {
          await invalidate(...each.invalidate)
          for (const [key, value] of live)
            if (value.tags.some((tag) => each.invalidate.includes(tag))) live.delete(key)
        }
        expect(await read('k0', 'k1', 'k2')).toEqual(
          ['k0', 'k1', 'k2'].map((key) => live.get(key)?.payload ?? null),
        )
      }
    }),
    { numRuns: 60 },
  )
})
