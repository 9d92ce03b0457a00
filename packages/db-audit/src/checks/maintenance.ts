import type { Facts } from '../facts/facts.ts'
import type { NumberedKeyFacts, SequenceFacts } from '../facts/sequences.ts'
import { nameOf, type TableFacts } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { percent } from '../report/figures.ts'
import { quoteName, sqlName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/** What vacuum, analyze and people have let slip. */
export function maintenanceFindings(facts: Facts): Finding[] {
  const { tables, sequences, numberedKeys } = facts
  return [
    ...tables.flatMap((table) => [
      ...notVacuumed(table),
      ...deadRows(table, facts),
      ...oldStatistics(table),
      ...oldTransactions(table),
      ...withoutPrimaryKey(table),
    ]),
    ...sequences.flatMap(nearItsEnd),
    ...numberedKeys.flatMap(keyNearItsEnd),
  ]
}

function notVacuumed(table: TableFacts): Finding[] {
  const { isVacuumed, isToastVacuumed, kind } = table
  if ((isVacuumed && isToastVacuumed) || kind === 'p') return []
  const options = [...(isVacuumed ? [] : ['']), ...(isToastVacuumed ? [] : ['toast.'])]
  return [
    {
      id: 'table.autovacuum-off',
      severity: 'warning',
      title: isVacuumed
        ? 'autovacuum is off for what is stored beside a table'
        : 'autovacuum is off for a table',
      object: nameOf(table),
      detail: 'Dead rows stay, statistics age, and only the forced vacuum against wraparound will ever come.',
      advice: `alter table ${sqlName(table)} reset (${options.map((option) => `${option}autovacuum_enabled`).join(', ')})`,
      evidence: { rows: table.rows, dead_rows: table.deadRows },
    },
  ]
}

/**
 * A table that is written anew all the time has many between two turns of autovacuum: one that came lately follows, unless a
 * transaction that is older than it kept it from removing them.
 */
function follows({ oid }: TableFacts, { statistics, sessions }: Facts): boolean {
  const seconds = statistics.sinceVacuum.get(oid)
  if (seconds === undefined || seconds >= thresholds.freshVacuum) return false
  return sessions.every(({ secondsInTransaction }) => (secondsInTransaction ?? 0) <= seconds)
}

function deadRows(table: TableFacts, facts: Facts): Finding[] {
  const { deadRows: dead, vacuumTrigger } = table
  if (dead < thresholds.overdueRows || dead < thresholds.overdueVacuum * vacuumTrigger) return []
  if (follows(table, facts)) return []
  return [
    {
      id: 'table.dead-rows',
      severity: 'warning',
      title: 'vacuum does not follow',
      object: nameOf(table),
      detail: `${dead} dead rows beside ${table.liveRows} live ones: autovacuum should have come at ${Math.round(vacuumTrigger)}.`,
      advice: `end what holds it up (old transactions, locks), vacuum ${sqlName(table)}, and give the table a lower autovacuum_vacuum_scale_factor`,
      evidence: { dead_rows: dead, live_rows: table.liveRows, trigger: vacuumTrigger },
    },
  ]
}

function oldStatistics(table: TableFacts): Finding[] {
  const { changedSinceAnalyze: changed, analyzeTrigger } = table
  if (changed < thresholds.overdueRows || changed < thresholds.overdueVacuum * analyzeTrigger) return []
  const age = table.secondsSinceAnalyze
  const believes = Math.max(table.rows, table.liveRows) <= 2 * Math.min(table.rows, table.liveRows)
  if (age !== null && age < thresholds.freshStatistics && believes) return []
  return [
    {
      id: 'table.old-statistics',
      severity: 'warning',
      title: 'the planner believes in a table that is no more',
      object: nameOf(table),
      detail: `${changed} rows were changed since it was analyzed${age === null ? ', which it never was' : ''}; analyze should have come at ${Math.round(analyzeTrigger)}.`,
      advice: `analyze ${sqlName(table)}`,
      evidence: { changed, trigger: analyzeTrigger, rows: table.rows, live_rows: table.liveRows },
    },
  ]
}

function oldTransactions(table: TableFacts): Finding[] {
  const { freezeAge: age, freezeMaxAge } = table
  if (age < thresholds.freezeAge * freezeMaxAge) return []
  return [
    {
      id: 'table.transaction-age',
      severity: 'error',
      title: 'transaction ids run out on a table',
      object: nameOf(table),
      detail: `It has rows of ${age} transactions ago; at ${freezeMaxAge} a vacuum is forced, and none got through. At 2,000 million PostgreSQL stops taking writes.`,
      advice: `end what holds it up (old transactions, replication slots, locks), then vacuum (freeze) ${sqlName(table)}`,
      evidence: { age, forced_at: freezeMaxAge },
    },
  ]
}

function withoutPrimaryKey(table: TableFacts): Finding[] {
  if (table.hasPrimaryKey || table.kind === 'm' || table.isPartition) return []
  return [
    {
      id: 'table.no-primary-key',
      severity: 'warning',
      title: 'a table has no primary key',
      object: nameOf(table),
      detail:
        'No row of it can be named: the same row may be there twice, and logical replication refuses updates.',
      advice: `alter table ${sqlName(table)} add primary key (...)`,
      evidence: { rows: table.rows },
    },
  ]
}

function nearItsEnd(sequence: SequenceFacts): Finding[] {
  const used = sequence.last / sequence.most
  if (used < thresholds.sequenceUsed) return []
  return [
    {
      id: 'sequence.near-end',
      severity: used > 0.9 ? 'error' : 'warning',
      title: 'the numbers of a sequence run out',
      object: nameOf(sequence),
      detail: `${percent(used)} of what ${sequence.column} (${sequence.type}) can hold are used; at its end every insert fails.`,
      advice: `make ${sequence.column} a bigint, with everything that references it`,
      evidence: { last: sequence.last, most: sequence.most },
    },
  ]
}

/** Its numbers come from elsewhere. Those on both sides of zero are drawn or hashed, and never run out. */
function keyNearItsEnd({ schema, table, column, type, least, last, most }: NumberedKeyFacts): Finding[] {
  const used = last / most
  if (used < thresholds.sequenceUsed || least < -most / 2) return []
  return [
    {
      id: 'key.near-end',
      severity: 'warning',
      title: 'the numbers of a key run out',
      object: `${schema}.${table}.${column}`,
      detail: `The largest one is ${last}, ${percent(used)} of what ${type} can hold; beyond that every insert fails.`,
      advice: `if they grow, make ${sqlName({ schema, name: table })}.${quoteName(column)} a bigint, with everything that references it`,
      evidence: { last, most },
    },
  ]
}
