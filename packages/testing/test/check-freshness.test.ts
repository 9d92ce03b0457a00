import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { checkFreshness, type FreshnessOptions, type ReadShape } from '../src/index.ts'

const keys = ['a', 'b', 'c']
const pause = (mostMs: number) => sleep(Math.random() * mostMs)

/** A store of versions, whose writes set the price to the version; and a shape for each way of asking it. */
function shop() {
  const stored = new Map(keys.map((key) => [key, 1]))
  const observe = (key: string, version = stored.get(key)!) => ({ key, version, value: version * 10 })
  const one = (name: string, read: (key: string) => Promise<number>): ReadShape => ({
    name,
    read: async (_door, key) => ({
      observations: [observe(key, await read(key))],
      cacheStatus: `${name}; hit`,
    }),
  })
  async function write(_door: string, key: string) {
    await pause(3)
    const version = stored.get(key)! + 1
    stored.set(key, version)
    await pause(3)
    return { outcome: 'acknowledged' as const, version, value: version * 10 }
  }
  const options = (changes: Partial<FreshnessOptions>): FreshnessOptions => ({
    keys,
    shapes: [],
    doors: ['one', 'two'],
    write,
    storedVersion: async (key) => stored.get(key)!,
    readers: 8,
    writers: 2,
    durationMs: 400,
    writePauseMs: 5,
    // However busy the machine is.
    enough: ({ reads, writes }) => reads >= 200 && writes >= 20,
    settleWithinMs: 0,
    ...changes,
  })
  const strict = one('strict', async (key) => {
    await pause(3)
    const version = stored.get(key)!
    await pause(3)
    return version
  })
  return { stored, observe, one, write, options, strict }
}

test('finds nothing wrong with a store that is asked itself', async () => {
  const { options, strict } = shop()
  const report = await checkFreshness(options({ shapes: [strict] }))
  expect(report).toMatchObject({
    violations: 0,
    kinds: {},
    examples: [],
    stuck: [],
    settledMs: 0,
    unknownWrites: 0,
  })
  expect(report.reads).toBeGreaterThanOrEqual(200)
  expect(report.writes).toBeGreaterThanOrEqual(20)
  expect(report.by).toEqual({
    strict: { strict: { reads: report.reads, violations: 0, worstStalenessMs: 0 } },
  })
})

test('catches an answer that is kept for a while, and says how stale it was and which level gave it', async () => {
  const { options, strict, one, stored } = shop()
  const kept = new Map<string, number>()
  const timer = setInterval(() => kept.clear(), 50)
  const lazy = one('lazy', async (key) => {
    await pause(1)
    if (!kept.has(key)) kept.set(key, stored.get(key)!)
    return kept.get(key)!
  })
  const report = await checkFreshness(
    options({ shapes: [strict, lazy], enough: ({ violations }) => violations > 0 }),
  )
  clearInterval(timer)
  expect(report.by.strict?.strict).toMatchObject({ violations: 0 })
  expect(report.violations).toBeGreaterThan(0)
  expect(report.kinds.stale).toBe(report.violations)
  expect(report.by.lazy?.lazy).toMatchObject({ violations: report.violations })
  expect(report.worstStalenessMs).toBeGreaterThan(1)
  expect(report.examples[0]).toMatchObject({ kind: 'stale', shape: 'lazy', level: 'lazy' })
})

test('requires nothing of a write that failed, although it may have happened, and allows it', async () => {
  const { options, strict, one, write, stored } = shop()
  const first = new Map(stored)
  // Every write happens and none is acknowledged: a cache that knows nothing is not convicted, the truth neither.
  const ignorant = one('ignorant', async (key) => {
    await pause(1)
    return first.get(key)!
  })
  const failing = async (door: string, key: string) => {
    await write(door, key)
    throw new Error('the connection was lost')
  }
  const report = await checkFreshness(
    options({ shapes: [strict, ignorant], write: failing, enough: ({ reads }) => reads >= 200 }),
  )
  expect(report).toMatchObject({ violations: 0, writes: 0 })
  expect(report.unknownWrites).toBeGreaterThan(0)
  // But it is noticed: who asks again may see an older version than before.
  expect(report.behind.reads).toBeGreaterThan(0)
  // And what stays old for ever is told, whoever was told of the write.
  expect(report.stuck).toHaveLength(keys.length * 2)
  expect(report.stuck[0]).toMatch(/^ignorant of . at /)
})

test('requires nothing of a write that says itself that it is late, and still wants it settled', async () => {
  const { options, strict, one, write, stored } = shop()
  const first = new Map(stored)
  const ignorant = one('ignorant', async (key) => {
    await pause(1)
    return first.get(key)!
  })
  const late = async (door: string, key: string) => ({
    ...(await write(door, key)),
    outcome: 'late' as const,
  })
  const report = await checkFreshness(
    options({ shapes: [strict, ignorant], write: late, enough: ({ reads }) => reads >= 200 }),
  )
  expect(report).toMatchObject({ violations: 0, writes: 0 })
  expect(report.lateWrites).toBeGreaterThan(0)
  expect(report.behind.reads).toBeGreaterThan(0)
  expect(report.stuck).toHaveLength(keys.length * 2)
})

test('catches versions that nobody wrote, and values of other versions', async () => {
  const { options, observe } = shop()
  const strange: ReadShape = {
    name: 'strange',
    async read(_door, key) {
      await pause(1)
      return { observations: [observe(key, 1_000_000)] }
    },
  }
  const torn: ReadShape = {
    name: 'torn',
    async read(_door, key) {
      await pause(1)
      const { version } = observe(key)
      return { observations: [{ key, version, value: 7 }], problems: key === 'b' ? ["another viewer's"] : [] }
    },
  }
  const report = await checkFreshness(options({ shapes: [strange, torn] }))
  for (const kind of ['future', 'torn', 'content'] as const) expect(report.kinds[kind]).toBeGreaterThan(0)
  expect(report.kinds.stale).toBeUndefined()
})

test('catches a sorted list in an order that no write explains, and only that', async () => {
  const { options, observe } = shop()
  const list = (name: string, sorted: boolean): ReadShape => ({
    name,
    async read() {
      await pause(1)
      const observations = keys.map((key) => observe(key))
      if (sorted) observations.sort((a, b) => b.value - a.value)
      return { observations, descending: true }
    },
  })
  const report = await checkFreshness(
    options({
      shapes: [list('sorted', true), list('unsorted', false)],
      writers: 1,
      enough: ({ reads, violations }) => reads >= 200 && violations > 0,
    }),
  )
  expect(report.by.sorted?.uncached).toMatchObject({ violations: 0 })
  expect(Object.keys(report.kinds)).toEqual(['order'])
  expect(report.violations).toBeGreaterThan(0)
})

test('goes on until every fault is over, counts what it breaks, and tells when each was', async () => {
  const { options, strict } = shop()
  let down = false
  const outage = (name: string) => ({
    name,
    async run() {
      down = true
      await sleep(100)
      down = false
    },
  })
  const shaky: ReadShape = {
    ...strict,
    async read(door, key) {
      if (down) throw new Error('down')
      return strict.read(door, key)
    },
  }
  const during = [
    { atMs: 20, fault: outage('first') },
    { atMs: 250, fault: outage('second') },
  ]
  const report = await checkFreshness(
    options({ shapes: [shaky], durationMs: 10, enough: () => true, during }),
  )
  expect(report.faults.map(({ name }) => name)).toEqual(['first', 'second'])
  // A timer may be a millisecond early.
  expect(report.faults[1]?.atMs).toBeGreaterThan(240)
  expect(report.failedReads).toBeGreaterThan(0)
  expect(report.failedReadReasons).toEqual({ down: report.failedReads })
  expect(report.violations).toBe(0)
})
