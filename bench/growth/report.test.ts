import { expect, test } from '@jest/globals'
import { checkSizes, growthOf, toText } from './report.ts'

const PRODUCTS = [10_000, 100_000, 1_000_000]

/** A query by its time and its pages in the smallest and in the largest database. */
const row = (ms: [number, number], buffers: [number, number]) => ({
  name: 'a query',
  costs: [0, 1].map((i) => ({ ms: ms[i]!, buffers: buffers[i]! })),
})

test('time and pages are judged apart: neither makes the other flat', () => {
  expect(growthOf(row([1, 10], [100, 100]), PRODUCTS)).toEqual({ ms: 'grows', buffers: 'flat' })
  expect(growthOf(row([1, 1], [100, 1_000]), PRODUCTS)).toEqual({ ms: 'flat', buffers: 'grows' })
})

test('less than half is flat, once for each tenfold is logarithmic, more grows', () => {
  const growth = (ratio: number) => growthOf(row([1, ratio], [1, 1]), PRODUCTS).ms
  expect([0.5, 1, 1.5].map(growth)).toEqual(['flat', 'flat', 'flat'])
  expect([1.6, 3].map(growth)).toEqual(['logarithmic', 'logarithmic'])
  expect([3.1, 100].map(growth)).toEqual(['grows', 'grows'])
})

test('the table says both', () => {
  expect(toText([row([1, 10], [100, 200])], [10_000, 1_000_000]).split('\n')[1]).toMatch(
    / 1\.00 +10\.00 +10\.0 +grows +100 +200 +2\.0 +logarithmic$/,
  )
})

test('one size has no growth, however often it is measured', () => {
  expect(() => checkSizes([])).toThrow('at least two databases of different sizes are expected')
  expect(() => checkSizes([10_000, 10_000])).toThrow('one size, 10,000 products')
  expect(() => checkSizes([10_000, 20_000])).not.toThrow()
})
