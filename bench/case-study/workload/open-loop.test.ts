import { createRandom } from '@freshet/seed'
import { expect, test } from '@jest/globals'
import { poissonArrivals } from './arrivals.ts'
import { latenciesOf, PATIENCE_MS, percentile } from './latencies.ts'
import { runOpenLoop } from './open-loop.ts'

/** Time that passes only while somebody sleeps. */
function createClock() {
  let nowMs = 0
  const wakers: { atMs: number; wake: () => void }[] = []
  return {
    now: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        wakers.push({ atMs: nowMs + ms, wake })
        setImmediate(() => {
          wakers.sort((a, b) => a.atMs - b.atMs)
          const next = wakers.shift()!
          nowMs = Math.max(nowMs, next.atMs)
          next.wake()
        })
      }),
  }
}

const arrivals = [0, 10, 20, 30, 40]

test('a slow answer delays no other request, and each is timed from when it was due', async () => {
  const clock = createClock()
  const sentAt: number[] = []
  const outcomes = await runOpenLoop({
    arrivals,
    mostOutstanding: 10,
    clock,
    async send(index) {
      sentAt.push(clock.now())
      await clock.sleep(index === 0 ? 100 : 5)
      return true
    },
  })
  expect(sentAt).toEqual(arrivals)
  expect(outcomes.toSorted((a, b) => a.index - b.index).map(({ latencyMs }) => latencyMs)).toEqual([
    100, 5, 5, 5, 5,
  ])
})

test('what was due while the sender could not send has waited since then', async () => {
  const clock = createClock()
  const sleeps = [50]
  const outcomes = await runOpenLoop({
    arrivals,
    mostOutstanding: 10,
    // The first sleep is until the second request, and lasts far longer than it should.
    clock: {
      now: clock.now,
      sleep: (ms) => clock.sleep(sleeps.shift() ?? ms),
    },
    send: async () => true,
  })
  expect(outcomes.map(({ latencyMs }) => latencyMs)).toEqual([0, 40, 30, 20, 10])
})

test('a request above the bound fails at once, and a failed one counts as the longest wait', async () => {
  const clock = createClock()
  const outcomes = await runOpenLoop({
    arrivals,
    mostOutstanding: 2,
    clock,
    async send(index) {
      await clock.sleep(25)
      if (index === 1) throw new Error('refused')
      return true
    },
  })
  const failed = outcomes.filter(({ ok }) => !ok).map(({ index }) => index)
  expect(failed.toSorted((a, b) => a - b)).toEqual([1, 2])
  expect(latenciesOf(outcomes)).toMatchObject({ count: 5, failed: 2, p50Ms: 25, p99Ms: PATIENCE_MS })
})

test('a percentile is the smallest value that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  expect([50, 95, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 95, 99, 100])
  expect(percentile([7], 99)).toBe(7)
  expect(percentile([], 50)).toBeNaN()
})

test('arrivals are as many as the rate says, ascending, and the same for the same seed', () => {
  const draw = () => poissonArrivals(200, 50, createRandom(3, 'arrivals'))
  const times = draw()
  expect(times).toEqual(draw())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.length).toBeGreaterThan(9_500)
  expect(times.length).toBeLessThan(10_500)
  // Gaps of a Poisson process vary as much as they are long; a fixed rate's don't vary.
  const gaps = times.slice(1).map((at, index) => at - times[index]!)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
  expect(deviation / mean).toBeGreaterThan(0.9)
})
