import { expect, test } from '@jest/globals'
import { activityFindings } from '../src/checks/activity.ts'
import { cacheFindings } from '../src/checks/cache.ts'
import { indexFindings } from '../src/checks/indexes.ts'
import { planFindings } from '../src/checks/plans.ts'
import { statementFindings } from '../src/checks/statements.ts'
import type { Facts } from '../src/facts/facts.ts'
import type { IndexFacts } from '../src/facts/indexes.ts'
import type { StatementFacts } from '../src/facts/statements.ts'
import type { TableFacts } from '../src/facts/tables.ts'
import type { Finding } from '../src/finding.ts'

/** A database of which there is nothing to tell. */
const calm = {
  database: 'calm',
  sessions: [],
  idleSlots: [],
  deadlocks: 0,
  connections: 1,
  maxConnections: 100,
  reads: 0,
  hits: 0,
  tables: [],
  indexes: [],
  statements: [],
  plans: [],
  baseline: null,
  statistics: {
    secondsOfScans: 30 * 86_400,
    secondsOfStatements: 30 * 86_400,
    scans: new Map([['1', 1_000_000]]),
    sinceVacuum: new Map(),
  },
} as unknown as Facts

const table = (facts: Partial<TableFacts>) =>
  ({
    oid: '1',
    schema: 'shop',
    name: 'orders',
    kind: 'r',
    rows: 0,
    pages: 1,
    heapReads: 0,
    heapHits: 0,
    indexReads: 0,
    indexHits: 0,
    columns: {},
    ...facts,
  }) as unknown as TableFacts

const statement = (facts: Partial<StatementFacts>): StatementFacts => ({
  sql: 'select id from orders order by note limit 1',
  tags: {},
  role: 'shop',
  searchPath: null,
  isTopLevel: true,
  calls: 5,
  totalMs: 1,
  meanMs: 1,
  rows: 0,
  hits: 0,
  reads: 0,
  spilledBytes: 0,
  ...facts,
})

const scanOf = (rows: number) => ({
  tables: [table({ rows })],
  plans: [
    {
      ...statement({}),
      blocksPerCall: null,
      rowsPerCall: null,
      source: 'pg_stat_statements' as const,
      plan: {
        'Node Type': 'Seq Scan',
        Schema: 'shop',
        'Relation Name': 'orders',
        'Total Cost': 1,
        'Plan Rows': 1,
      },
    },
  ] as unknown as Facts['plans'],
})

const unusedIndexOf = (rows: number, reads = 1_000) => ({
  tables: [table({ rows })],
  indexes: [
    {
      ...{
        schema: 'shop',
        name: 'orders_by_note',
        table: 'orders',
        tableOid: '1',
        keys: ['note'],
        orders: [0],
      },
      ...{ isValid: true, isBound: false, isUnique: false, isPrimary: false, scans: 0, bytes: 8_192 },
    },
  ] as unknown as IndexFacts[],
  statements: [statement({ calls: reads })],
})

const spilling = (bytes: number, calls = 5) => ({
  statements: [statement({ calls, spilledBytes: calls * bytes })],
})

/** Just there, and just not: whoever moves a limit says so here, too. */
test.each<[id: string, check: (facts: Facts) => Finding[], there: Partial<Facts>, not: Partial<Facts>]>([
  ['database.connections', activityFindings, { connections: 81 }, { connections: 80 }],
  ['database.deadlocks', activityFindings, { deadlocks: 1 }, { deadlocks: 0 }],
  ['cache.database', cacheFindings, { reads: 100_000, hits: 899_999 }, { reads: 100_000, hits: 900_000 }],
  ['cache.database', cacheFindings, { reads: 100_000 }, { reads: 99_999 }],
  [
    'cache.table',
    cacheFindings,
    { tables: [table({ heapReads: 5_000 })] },
    { tables: [table({ heapReads: 4_999 })] },
  ],
  ['statement.temporary-files', statementFindings, spilling(1_000_000), spilling(999_999)],
  ['statement.temporary-files', statementFindings, spilling(1_000_000, 5), spilling(1_000_000, 4)],
  [
    'statement.unbounded',
    statementFindings,
    { statements: [statement({ rows: 50_000 })] },
    { statements: [statement({ rows: 49_999 })] },
  ],
  [
    'statement.slow',
    statementFindings,
    { statements: [statement({ meanMs: 250 })] },
    { statements: [statement({ meanMs: 249 })] },
  ],
  ['plan.large-scan', planFindings, scanOf(10_000), scanOf(9_999)],
  ['index.unused', indexFindings, unusedIndexOf(1_000), unusedIndexOf(999)],
  ['index.unused', indexFindings, unusedIndexOf(1_000, 1_000), unusedIndexOf(1_000, 999)],
])('%s is told from its limit on, and not before', (id, check, there, not) => {
  expect(check({ ...calm, ...there }).map((finding) => finding.id)).toEqual([id])
  expect(check({ ...calm, ...not })).toEqual([])
})
