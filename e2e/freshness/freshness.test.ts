import { checkFreshness, type Fault, type FreshnessReport, parts, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { patience } from '../supergraph.ts'
import { type Doors, openDoors } from './doors.ts'
import { createFaults } from './faults.ts'
import { startNaiveAnswerCache } from './naive-answer-cache.ts'
import { type ShakySystem, startShakySystem } from './shaky-system.ts'
import { openShop, type Shop } from './shop.ts'

/**
 * The whole system under a checker: writers and readers at three gateways, four shapes of questions, and a fault in the middle.
 * No answer may be older than a write that was acknowledged before it was asked for. `npm run bench freshness` is the
 * long version.
 */
let system: ShakySystem
let doors: Doors
let shop: Shop
let faults: ReturnType<typeof createFaults>
const load = {
  readers: 6,
  writers: 3,
  durationMs: 3_000,
  // However busy the machine is, and after the fault.
  enough: (soFar: { reads: number; writes: number }) => soFar.reads >= 150 && soFar.writes >= 20,
}
const { postgresAdminUrl, redisUrl: sessionRedisUrl } = parts()

const starting = new AbortController()

beforeAll(async () => {
  system = await startShakySystem({
    postgresAdminUrl,
    sessionRedisUrl,
    env: patience,
    signal: starting.signal,
  })
  doors = openDoors(system.gatewayUrls, { timeoutMs: 60_000 })
  shop = await openShop({ doors, adminUrl: system.adminUrl })
  faults = createFaults(system, shop)
})
afterAll(async () => {
  // If it took too long: what it has started ends with it.
  starting.abort()
  await shop?.close()
  await doors?.close()
  await system?.close()
})

async function check(fault?: Fault): Promise<FreshnessReport> {
  const during = fault === undefined ? [] : [{ atMs: 600, fault }]
  const report = await checkFreshness({ ...shop, ...load, doors: doors.urls, during, settleWithinMs: 30_000 })
  if (report.violations > 0) console.info(fault?.name, JSON.stringify(report, null, 2))
  return report
}

function expectFresh(report: FreshnessReport): void {
  expect({ violations: report.violations, stuck: report.stuck }).toEqual({ violations: 0, stuck: [] })
  expect(load.enough(report)).toBe(true)
  expect(Object.keys(report.by).sort()).toEqual(['listing', 'page', 'personal', 'product'])
}

test('no answer is older than what was acknowledged before it was asked for', async () => {
  const report = await check()
  expectFresh(report)
  expect(report).toMatchObject({ failedReads: 0, unknownWrites: 0, refusedWrites: 0 })
})

test('the same readers and writers convict a cache of answers that sets, and deletes on a write', async () => {
  const prefix = uniqueName('naive')
  const caches = await Promise.all(
    system.gatewayUrls.map((gatewayUrl) =>
      startNaiveAnswerCache({ gatewayUrl, redisUrl: system.redisUrl, prefix }),
    ),
  )
  const naive = openDoors(
    caches.map(({ url }) => url),
    { timeoutMs: 60_000 },
  )
  const naiveShop = await openShop({ doors: naive, adminUrl: system.adminUrl, products: 2 })
  const report = await checkFreshness({
    ...naiveShop,
    ...load,
    doors: naive.urls,
    readers: 12,
    writePauseMs: 5,
    enough: ({ violations }) => violations > 0,
    settleWithinMs: 0,
  })
  await naiveShop.close()
  await naive.close()
  await Promise.all(caches.map((cache) => cache.close()))
  expect(report.kinds.stale).toBeGreaterThan(0)
  // It is the cache that is old, and not what lies behind it.
  const levels = Object.values(report.by).flatMap((byLevel) => Object.entries(byLevel))
  const behindIt = levels.filter(([level]) => level !== 'naive-answers').map(([, tally]) => tally.violations)
  expect(Math.max(0, ...behindIt)).toBe(0)
})

/** Nobody who reads or writes may even notice these. */
const unnoticed: [string, () => Fault][] = [
  ['Redis is flushed', () => faults.redisFlushed(4, 400)],
  ['Redis is killed, and comes back empty', () => faults.redisKilled(500)],
  ['Redis is cut off', () => faults.redisCut(1_500)],
  ['Redis hangs, and then hears all of it at once', () => faults.redisMute(1_500)],
  ['Redis is slow', () => faults.redisSlow(1_000, 15)],
  ['Redis is slower than anybody waits for', () => faults.redisSlow(1_000, 80)],
  ['Kafka is stopped', () => faults.kafkaStopped(2_000)],
  ['events are duplicated, delayed and reordered', () => faults.eventsRepeated(2_000)],
]
test.each(unnoticed)('and no one notices that %s', async (_name, fault) => {
  const report = await check(fault())
  expectFresh(report)
  expect(report).toMatchObject({ failedReads: 0, unknownWrites: 0, refusedWrites: 0 })
})

/** What dies takes with it what it was just asked for. */
const fatal: [string, () => Fault][] = [
  ['catalog, with its invalidator, is killed', () => faults.killed('catalog')],
  ['one of three gateways is killed', () => faults.killed('gateway-2')],
]
test.each(fatal)('nor afterwards when %s', async (_name, fault) => {
  expectFresh(await check(fault()))
})

test('a write whose writer was killed between COMMIT and INVALIDATE reaches every answer', async () => {
  const report = await check(faults.writerDies())
  expectFresh(report)
  expect(report.unknownWrites).toBeGreaterThan(0)
})
