import { expect, test } from '@jest/globals'
import { findingsOf } from '../src/audit.ts'
import { activityFindings } from '../src/checks/activity.ts'
import { indexMigration } from '../src/checks/index-migration.ts'
import type { Facts } from '../src/facts/facts.ts'
import { type AuditReport, reportHtml, reportJson, reportText } from '../src/index.ts'
import { migrationText } from '../src/report/report-text.ts'
import { sqlName, statementName } from '../src/sql-text.ts'

const odd = 'a\u001b[2Jb\u009bc\u202ed\u2028e'
const report: AuditReport = {
  database: odd,
  at: '2026-11-26T00:00:00.000Z',
  findings: [
    {
      id: 'table.bloat',
      severity: 'info',
      title: 'one',
      object: odd,
      detail: odd,
      advice: odd,
      evidence: { odd },
    },
  ],
  topStatements: [],
  notExplained: [{ sql: odd, owner: odd, calls: 1, reason: odd }],
  baseline: { version: 1, database: odd, at: '2026-11-26T00:00:00.000Z', plans: [], indexes: [] },
}

test.each([
  ['text', reportText],
  ['JSON', reportJson],
  ['page', reportHtml],
])('as %s prints nothing that steers a terminal or turns letters around', (_form, print) => {
  expect(print(report).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]/u)
})

test('as JSON it is what it was', () => {
  expect(JSON.parse(reportJson(report))).toEqual(report)
})

test('tells a check that fails, and what the others find', () => {
  const facts = {} as Facts
  function broken(): never {
    throw new Error('no\u001b[1m such name')
  }
  expect(findingsOf(broken, facts)).toEqual([
    expect.objectContaining({
      id: 'audit.check-failed',
      severity: 'error',
      object: 'broken',
      detail: 'no [1m such name.',
    }),
  ])
  expect(findingsOf(() => [...report.findings], facts)).toEqual(report.findings)
})

test('makes a migration of any name, and names a file that is taken for one', () => {
  const names = [
    'OrderItems',
    '../../../tmp/x',
    'a\n*/ evil() /*',
    '`$\u007bevil()}`',
    '注文',
    'x'.repeat(90),
  ]
  for (const name of names) {
    const migration = indexMigration({ schema: `s\n${name}`, name }, ['"A""b"'], `so\n*/ evil() /*${name}`)
    expect(migration.name).toMatch(/^[a-z0-9_]{1,63}$/)
    const [path, ...code] = migrationText(migration).split('\n')
    expect(path).toMatch(/^\/\/ services\/[a-z0-9_]+\/migrations\/NNNN_[a-z0-9_]+\.ts$/)
    // A long call has a line for each argument.
    expect([9, 13]).toContain(code.length)
    expect(code.filter((line) => /^\/\*\*.*\*\/$/.test(line))).toHaveLength(1)
  }
})

test('proposes no name that is taken', () => {
  const taken = new Set(['orders_by_customer_id', 'orders_by_customer_id_2'])
  const { text } = indexMigration({ schema: 's', name: 'orders' }, ['customer_id'], '', taken)
  expect(text).toContain("'orders_by_customer_id_3'")
  expect(taken).toContain('orders_by_customer_id_3')
})

test('quotes a name where SQL needs it', () => {
  expect(sqlName({ schema: 'public', name: 'Foo_idx' })).toBe('public."Foo_idx"')
  expect(sqlName({ schema: 'order', name: 'plain_1' })).toBe('"order".plain_1')
  expect(sqlName({ schema: 'a"b', name: 'c' })).toBe('"a""b".c')
})

test('two long statements that begin alike have names of their own, whatever their values', () => {
  const begin = `select ${'a, '.repeat(60)}`
  expect(statementName(`${begin} b`)).not.toBe(statementName(`${begin} c`))
  expect(statementName(`${begin} b = 1`)).toBe(statementName(`${begin} b = 2`))
})

/** One can't be left behind on the server that all tests share. */
test('tells a replication slot that nobody reads from', () => {
  const facts = {
    sessions: [],
    idleSlots: [{ name: 'gone', plugin: null, keptBytes: 5_000_000 }],
    deadlocks: 0,
    connections: 1,
    maxConnections: 100,
  } as unknown as Facts
  expect(activityFindings(facts)).toEqual([
    expect.objectContaining({ id: 'replication.slot-inactive', object: 'gone' }),
  ])
})
