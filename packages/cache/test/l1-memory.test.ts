import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createL1Memory, type L1Shelf } from '../src/l1/l1-memory.ts'

const BOUND_MS = 12

/** A memory that is subscribed, and confirmed at time 0 in the life 'a'. */
function confirmed(maxBytes = 1_000_000) {
  const memory = createL1Memory({ maxBytes, boundMs: BOUND_MS })
  memory.clear()
  memory.confirm(0, 'a', 100)
  const shelf: L1Shelf = new Map()
  const put = (key: string, sequence: number, tags = [`row:${key}`], more: object = {}) =>
    memory.put({
      key,
      shelf,
      value: `${key} at ${sequence}`,
      tags,
      expiresAt: 1e9,
      bytes: 100,
      life: 'a',
      sequence,
      epoch: memory.epoch(),
      ...more,
    })
  const find = (key: string, now = 1) =>
    memory.serves(now, undefined) ? memory.find(shelf, key, now)?.value : undefined
  return { memory, shelf, put, find }
}

test('serves what was read, until the bound after the question whose answer confirmed it', () => {
  const { put, find } = confirmed()
  put('1', 100)
  expect(find('1', BOUND_MS - 1)).toBe('1 at 100')
  expect(find('1', BOUND_MS)).toBeUndefined()
})

test('a value whose tag was invalidated is not served any more, others are', () => {
  const { memory, put, find } = confirmed()
  put('1', 100)
  put('2', 100)
  memory.deliver('a', 100, 101, ['row:1'])
  expect(find('1')).toBeUndefined()
  expect(find('2')).toBe('2 at 100')
})

test('a value that was overtaken on its way from Redis is not kept', () => {
  const { memory, put, find } = confirmed()
  memory.deliver('a', 100, 101, ['row:1'])
  put('1', 100)
  expect(find('1')).toBeUndefined()
  put('1', 101)
  expect(find('1')).toBe('1 at 101')
})

test('a value that was asked for before the subscription began is not kept', () => {
  const { memory, put, find } = confirmed()
  const epoch = memory.epoch()
  memory.clear()
  memory.confirm(0, 'a', 100)
  put('1', 100, undefined, { epoch })
  expect(find('1')).toBeUndefined()
})

test('nothing is kept or served before the first confirmation', () => {
  const { memory, put, find } = confirmed()
  memory.clear()
  put('1', 100)
  expect(find('1')).toBeUndefined()
  memory.confirm(0, 'a', 100)
  expect(find('1')).toBeUndefined()
})

test('a new life ends everything, however it is learned of, and its sequences are its own', () => {
  for (const learn of [
    ({ memory }: ReturnType<typeof confirmed>) => memory.deliver('b', 0, 7, []),
    ({ memory }: ReturnType<typeof confirmed>) => memory.acknowledge('b', 7, ['other']),
    ({ memory }: ReturnType<typeof confirmed>) => memory.confirm(0, 'b', 7),
    ({ memory }: ReturnType<typeof confirmed>) => memory.confirm(0, null, 0),
  ]) {
    const all = confirmed()
    all.put('1', 100)
    learn(all)
    expect(all.find('1')).toBeUndefined()
    all.memory.confirm(0, 'b', 7)
    all.put('1', 100)
    expect(all.find('1')).toBeUndefined()
    all.put('1', 7, undefined, { life: 'b' })
    expect(all.find('1')).toBe('1 at 7')
    expect(all.memory.serves(1, '8')).toBe(false)
  }
})

test('a sequence is reached by what was published up to it, or confirmed, not by an invalidation of this process', () => {
  const { memory } = confirmed()
  expect(memory.serves(1, '100')).toBe(true)
  expect(memory.serves(1, '101')).toBe(false)
  memory.acknowledge('a', 101, ['x'])
  expect(memory.serves(1, '101')).toBe(false)
  memory.deliver('a', 100, 101, ['x'])
  expect(memory.serves(1, '101')).toBe(true)
  memory.deliver('a', 101, 105, ['x'])
  memory.confirm(0, 'a', 105)
  expect(memory.serves(1, '105')).toBe(true)
  expect(memory.serves(1, 'nonsense')).toBe(false)
})

test('an invalidation of this process takes effect at once, and hearing of it again changes nothing', () => {
  const { memory, put, find } = confirmed()
  put('1', 100)
  memory.acknowledge('a', 101, ['row:1'])
  expect(find('1')).toBeUndefined()
  put('1', 101)
  memory.deliver('a', 100, 101, ['row:1'])
  expect(find('1')).toBe('1 at 101')
})

test('what is forgotten of old invalidations can only end values early', () => {
  const { memory, put, find } = confirmed()
  put('old', 100, ['rare'])
  memory.deliver('a', 100, 101, ['rare'])
  for (let i = 0; i < 20_000; i++) memory.deliver('a', 101 + i, 102 + i, [`row:${i}`])
  expect(find('old')).toBeUndefined()
  put('old', 100, ['rare'])
  expect(find('old')).toBeUndefined()
  put('unrelated', 100, ['unrelated'])
  expect(find('unrelated')).toBeUndefined()
  put('new', 101, ['rare'])
  expect(find('new')).toBe('new at 101')
})

test('what was forgotten in one life ends nothing of another, although the clock went back in between', () => {
  const { memory, put, find } = confirmed()
  for (let i = 0; i <= 20_000; i++) memory.deliver('a', 100 + i, 101 + i, [`row:${i}`])
  put('old', 100, ['unrelated'])
  expect(find('old')).toBeUndefined()
  memory.deliver('b', 0, 7, [])
  memory.confirm(0, 'b', 7)
  put('new', 7, ['unrelated'], { life: 'b' })
  expect(find('new')).toBe('new at 7')
})

test('an invalidation that was not published is noticed by its sequence, and all is forgotten', () => {
  const { memory, put, find } = confirmed()
  put('1', 100)
  memory.deliver('a', 100, 101, ['x'])
  expect(memory.confirm(0, 'a', 101)).toBe(true)
  expect(find('1')).toBe('1 at 100')
  expect(memory.confirm(0, 'a', 102)).toBe(false)
  expect(find('1')).toBeUndefined()
  put('1', 102)
  expect(memory.deliver('a', 103, 104, ['x'])).toBe(false)
  expect(find('1')).toBeUndefined()
  memory.confirm(0, 'a', 104)
  put('1', 104)
  expect(memory.confirm(0, 'a', 104)).toBe(true)
  expect(find('1')).toBe('1 at 104')
})

test('a value is forgotten when its time is over, and when others need the room', () => {
  const { memory, shelf, put, find } = confirmed(1_000)
  put('1', 100, undefined, { expiresAt: 5 })
  expect(find('1', 4)).toBe('1 at 100')
  expect(find('1', 5)).toBeUndefined()
  for (let i = 0; i < 20; i++) put(String(i), 100)
  expect(memory.bytes()).toBe(1_000)
  expect([...shelf.keys()]).toEqual(Array.from({ length: 10 }, (_, i) => String(10 + i)))
  put('huge', 100, undefined, { bytes: 1_001 })
  expect(shelf.has('huge')).toBe(false)
  put('12', 100)
  expect(shelf.size).toBe(10)
})

test('in any order of reads, writes, deliveries and losses, nothing is served that was replaced longer ago than the bound', () => {
  const keys = ['1', '2', '3']
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant('read' as const), key: fc.constantFrom(...keys) }),
    },
    { weight: 8, arbitrary: fc.record({ does: fc.constant('put' as const), nth: fc.nat(5) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('write' as const),
        key: fc.constantFrom(...keys),
        own: fc.boolean(),
        silent: fc.nat(9).map((n) => n === 0),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({ does: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('ask' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('resubscribe' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('flush' as const), clockBack: fc.boolean() }) },
  )
  let served = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
      const memory = createL1Memory({ maxBytes: 1_000_000, boundMs: BOUND_MS })
      const shelf: L1Shelf = new Map()
      let life = 0
      let clockWentBack = false
      let sequence = 1
      /** When each version of each key was acknowledged. */
      const versions = new Map(keys.map((key) => [key, [{ at: -1, sequence: 0, life: 0 }]]))
      let coming: (() => void)[] = []
      const reads: (() => void)[] = []
      for (const [now, each] of steps.entries()) {
        if (each.does === 'read') {
          // Answered now, and handled whenever 'put' comes.
          const [its, stamp, epoch, version] = [
            life,
            sequence,
            memory.epoch(),
            versions.get(each.key)!.length,
          ]
          reads.push(() =>
            memory.put({
              key: each.key,
              shelf,
              value: version,
              tags: [each.key],
              expiresAt: 1e9,
              bytes: 1,
              life: String(its),
              sequence: stamp,
              epoch,
            }),
          )
        } else if (each.does === 'put') {
          for (const put of reads.splice(each.nth, 1)) put()
        } else if (each.does === 'write') {
          const [its, previous, q] = [life, sequence, ++sequence]
          versions.get(each.key)!.push({ at: now, sequence: q, life: its })
          if (!each.silent) coming.push(() => memory.deliver(String(its), previous, q, [each.key]))
          if (each.own) memory.acknowledge(String(its), q, [each.key])
        } else if (each.does === 'deliver') {
          for (const arrive of coming.splice(0, each.count)) arrive()
        } else if (each.does === 'ask') {
          const [its, q] = [life, sequence]
          coming.push(() => memory.confirm(now, String(its), q))
        } else if (each.does === 'resubscribe') {
          memory.clear()
          coming = []
        } else {
          life++
          clockWentBack ||= each.clockBack
          sequence = each.clockBack ? 1 : sequence + 1
          const [its, q] = [life, sequence]
          coming.push(() => memory.deliver(String(its), 0, q, []))
        }
        if (!memory.serves(now, undefined)) continue
        for (const key of keys) {
          const found = memory.find(shelf, key, now)
          if (!found) continue
          served++
          const due = versions.get(key)!.filter(({ at }) => at <= now - BOUND_MS).length
          expect(found.value).toBeGreaterThanOrEqual(due)
          // A sequence that it has reached is in it, however young. (Sequences of a life that is not heard of yet
          // are comparable only while the clock of Redis does not go back.)
          if (clockWentBack) continue
          for (const [i, { sequence: q, life: its }] of versions.get(key)!.entries()) {
            if (its === life && memory.serves(now, String(q))) {
              const current = memory.find(shelf, key, now)
              if (current) expect(current.value).toBeGreaterThanOrEqual(i + 1)
            }
          }
        }
      }
    }),
    { numRuns: 500 },
  )
  // It would be right as well if it never answered.
  expect(served).toBeGreaterThan(1_000)
})
