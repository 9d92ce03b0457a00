import { eventually } from '@freshet/testing'
import { afterEach, expect, jest, test } from '@jest/globals'
import { createSeedReport, type SeedReport } from '../src/seed-report.ts'

let report: SeedReport
afterEach(() => report.close())

test('tells how many rows of a large table are there so far, and then that it is done', async () => {
  const lines: string[] = []
  report = createSeedReport((line) => lines.push(line), 5)
  report.onProgress({ table: 'catalog.products', rows: 0, of: 1_000_000, done: false })
  report.onProgress({ table: 'catalog.products', rows: 120_000, of: 1_000_000, done: false })
  await eventually(() => expect(lines).toContain('  catalog.products: 120,000 of 1,000,000 rows so far'))
  report.onProgress({ table: 'catalog.variants', rows: 0, of: null, done: false })
  report.onProgress({ table: 'catalog.variants', rows: 7_500, of: null, done: false })
  await eventually(() => expect(lines).toContain('  catalog.variants: 7,500 rows so far'))
  report.onProgress({ table: 'catalog.variants', rows: 9_000, of: null, done: true })
  expect(lines.at(-1)).toBe('  catalog.variants: 9,000 rows')
})

test('says of what the database computes by itself that it is at work', async () => {
  const lines: string[] = []
  report = createSeedReport((line) => lines.push(line), 5)
  report.onProgress({ table: 'analytics.product_stats', rows: 0, of: null, done: false })
  await eventually(() => expect(lines[0]).toMatch(/^ {2}analytics\.product_stats: at work for \d+ s$/))
})

test('says of indexes that they are at work and then done, if it takes that long', async () => {
  const lines: string[] = []
  report = createSeedReport((line) => lines.push(line), 5)
  const indexes = (of: string, done: boolean) =>
    report.onProgress({ table: `indexes of ${of}`, rows: null, of: null, done })
  indexes('catalog.brands', false)
  indexes('catalog.brands', true)
  indexes('catalog.products', false)
  await eventually(() => expect(lines[0]).toMatch(/^ {2}indexes of catalog\.products: at work for \d+ s$/))
  indexes('catalog.products', true)
  expect(lines.at(-1)).toBe('  indexes of catalog.products: done')
  expect(lines.join()).not.toContain('brands')
})

test('says where an interrupted seed goes on', () => {
  const lines: string[] = []
  report = createSeedReport((line) => lines.push(line))
  report.onProgress({ table: 'catalog.products', rows: 150_000, of: 1_000_000, done: false })
  expect(lines).toEqual(['  catalog.products: goes on after 150,000 rows'])
})

test('says one line of a table that is soon done', () => {
  const lines: string[] = []
  report = createSeedReport((line) => lines.push(line))
  for (const [rows, done] of [
    [0, false],
    [500, false],
    [700, true],
  ] as const)
    report.onProgress({ table: 'catalog.brands', rows, of: 700, done })
  expect(lines).toEqual(['  catalog.brands: 700 rows'])
})

test('says no number of rows twice, and of all rows only that they are done', () => {
  jest.useFakeTimers()
  try {
    const lines: string[] = []
    report = createSeedReport((line) => lines.push(line))
    report.onProgress({ table: 'catalog.products', rows: 0, of: 20_000, done: false })
    for (const rows of [8_000, 8_000, 16_000, 20_000, 20_000]) {
      report.onProgress({ table: 'catalog.products', rows, of: 20_000, done: false })
      jest.advanceTimersByTime(3_000)
    }
    report.onProgress({ table: 'catalog.products', rows: 20_000, of: 20_000, done: true })
    // Another table may have as many.
    report.onProgress({ table: 'catalog.variants', rows: 0, of: null, done: false })
    report.onProgress({ table: 'catalog.variants', rows: 16_000, of: null, done: false })
    jest.advanceTimersByTime(3_000)
    expect(lines).toEqual([
      '  catalog.products: 8,000 of 20,000 rows so far',
      '  catalog.products: 16,000 of 20,000 rows so far',
      '  catalog.products: 20,000 rows',
      '  catalog.variants: 16,000 rows so far',
    ])
  } finally {
    jest.useRealTimers()
  }
})
