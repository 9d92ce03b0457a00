import { expect, test } from '@jest/globals'
import { maintenanceFindings } from '../src/checks/maintenance.ts'
import type { Facts } from '../src/facts/facts.ts'

/** Of a table with far more dead rows than autovacuum waits for. */
function toldAfter(secondsSinceVacuum: number | null, ...transactions: (number | null)[]): string[] {
  const table = {
    oid: 1,
    schema: 'analytics',
    name: 'trending',
    kind: 'r',
    deadRows: 60_000,
    liveRows: 30_000,
    vacuumTrigger: 6_050,
    changedSinceAnalyze: 0,
    freezeAge: 0,
    freezeMaxAge: 200_000_000,
    isVacuumed: true,
    isToastVacuumed: true,
    hasPrimaryKey: true,
  }
  const facts = {
    tables: [table],
    sequences: [],
    numberedKeys: [],
    sessions: transactions.map((secondsInTransaction) => ({ secondsInTransaction })),
    statistics: { sinceVacuum: new Map(secondsSinceVacuum === null ? [] : [[1, secondsSinceVacuum]]) },
  } as unknown as Facts
  return maintenanceFindings(facts).map(({ id }) => id)
}

test('a table that is written anew all the time has dead rows though vacuum follows', () => {
  expect(toldAfter(60)).toEqual([])
  expect(toldAfter(60, null, 5)).toEqual([])
  expect(toldAfter(301)).toEqual(['table.dead-rows'])
  expect(toldAfter(null)).toEqual(['table.dead-rows'])
})

test('a vacuum that an older transaction kept from removing them does not follow', () => {
  expect(toldAfter(60, 61)).toEqual(['table.dead-rows'])
})
