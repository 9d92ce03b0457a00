import { expect, test } from '@jest/globals'
import { findHighestRate } from './highest-rate.ts'

const upTo = (limit: number) => async (ratePerSecond: number) => ({
  ratePerSecond,
  p99Ms: ratePerSecond <= limit ? 100 : 900,
  failed: 0,
  isHeld: ratePerSecond <= limit,
})

test('finds the highest rate from below and from above', async () => {
  for (const start of [1, 8, 512]) {
    const { ratePerSecond } = await findHighestRate(upTo(100), { start, least: 0.5, most: 10_000 })
    expect(ratePerSecond).toBeLessThanOrEqual(100)
    expect(ratePerSecond).toBeGreaterThan(75)
  }
})

test('tells of a side that holds no rate at all, with what was tried', async () => {
  const { ratePerSecond, probes } = await findHighestRate(upTo(0), { start: 2, least: 0.5, most: 100 })
  expect(ratePerSecond).toBeNull()
  expect(probes.map((probe) => probe.ratePerSecond)).toEqual([0.5, 1, 2])
})

test('stops at the most that it may try', async () => {
  const { ratePerSecond } = await findHighestRate(upTo(1_000_000), { start: 10, least: 0.5, most: 100 })
  expect(ratePerSecond).toBe(80)
})
