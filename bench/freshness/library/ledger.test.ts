import { expect, test } from '@jest/globals'
import { createLedger } from './ledger.ts'
import type { Records } from './messages.ts'

const told = (untilMs: number, changes: { reads?: number[]; acknowledged?: number[] }): Records => ({
  type: 'records',
  reads: Float64Array.from(changes.reads ?? []),
  acknowledged: Float64Array.from(changes.acknowledged ?? []),
  untilMs,
  loads: 0,
  failedReads: 0,
  lateWrites: 0,
})

test("judges a read by another process's acknowledgement, whichever of them is told first", () => {
  for (const order of ['read first', 'write first']) {
    const ledger = createLedger()
    // Key 7: the read began at 30 and returned version 1; version 2 was acknowledged at 20, version 3 at 40.
    const tell = [
      () => ledger.take(0, told(50, { reads: [7, 30, 1, 7, 15, 1, 8, 30, 1] })),
      () => ledger.take(1, told(50, { acknowledged: [7, 20, 2, 7, 40, 3] })),
    ]
    if (order === 'write first') tell.reverse()
    // As if both had told something before, or the first would wait for nobody.
    ledger.take(0, told(10, {}))
    ledger.take(1, told(10, {}))
    for (const one of tell) one()
    expect(ledger.counts).toMatchObject({ reads: 3, writes: 2, violations: 1, worstStalenessMs: 10 })
  }
})

test('waits for a process that has not told everything yet, and at the end for nobody', () => {
  const ledger = createLedger()
  ledger.take(1, told(10, {}))
  ledger.take(0, told(50, { reads: [7, 30, 1] }))
  expect(ledger.counts.reads).toBe(0)
  ledger.take(1, told(40, { acknowledged: [7, 20, 2] }))
  expect(ledger.counts.reads).toBe(0)
  expect(ledger.finish()).toMatchObject({ reads: 1, violations: 1 })
})

test('within its bound a read of a level in the process is no violation, and is told', () => {
  const ledger = createLedger(50)
  ledger.take(0, told(200, { acknowledged: [7, 20, 2], reads: [7, 60, 1, 7, 80, 1] }))
  expect(ledger.counts).toMatchObject({ reads: 2, violations: 1, worstStalenessMs: 60 })
})
