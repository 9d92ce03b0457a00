import type { Facts } from '../facts/facts.ts'
import type { PartitionedFacts } from '../facts/partitions.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import type { ExplainedStatement } from '../plans/explained.ts'
import { conditionsOf, nodesOf } from '../plans/plan.ts'
import { isLarge } from '../plans/table-lookup.ts'
import { ownerOf } from '../query-tags.ts'
import { shortSql } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/** Partitioned tables that are not read, or not kept, as such. */
export function partitionFindings({ partitioned, tables, plans, at }: Facts): Finding[] {
  const large = new Set(tables.filter(isLarge).map(nameOf))
  return partitioned.flatMap((table) => [
    ...strayRows(table),
    ...nothingAhead(table, at),
    ...(large.has(nameOf(table)) ? plans.flatMap((statement) => notPruned(table, statement)) : []),
  ])
}

function strayRows(table: PartitionedFacts): Finding[] {
  const stray = table.partitions.find(({ isDefault, liveRows }) => isDefault && liveRows > 0)
  if (stray === undefined) return []
  return [
    {
      id: 'partition.default-has-rows',
      severity: 'warning',
      title: 'rows are in the default partition',
      object: nameOf(stray),
      detail: `${stray.liveRows} rows found no partition of ${table.name}. A partition for them can't be made while they are there.`,
      advice: `in one transaction: move them out of ${nameOf(stray)}, create their partition, insert them again`,
      evidence: { rows: stray.liveRows, table: nameOf(table) },
    },
  ]
}

/** Only of tables by time: of others nobody knows what comes next. */
function nothingAhead(table: PartitionedFacts, at: Date): Finding[] {
  const isByTime = table.strategy === 'r' && /^(date|timestamp)/.test(table.keyTypes[0] ?? '')
  if (!isByTime || table.partitions.some(({ bound }) => /TO \(MAXVALUE/.test(bound))) return []
  const ends = table.partitions.flatMap(({ bound }) => {
    const end = Date.parse(/ TO \('([^']+)'/.exec(bound)?.[1]?.replace(' ', 'T').replace(/\+00$/, 'Z') ?? '')
    return Number.isNaN(end) ? [] : [end]
  })
  // One that has none at all is not in use yet.
  if (ends.length === 0) return []
  const last = new Date(Math.max(...ends))
  if (last.getTime() > at.getTime() + thresholds.partitionsAheadDays * 86_400_000) return []
  const hasDefault = table.partitions.some(({ isDefault }) => isDefault)
  return [
    {
      id: 'partition.none-ahead',
      severity: hasDefault ? 'warning' : 'error',
      title: 'a table by time has no partition for what comes next',
      object: nameOf(table),
      detail: `The last one ends at ${last.toISOString()}; after that ${hasDefault ? 'rows go to the default partition' : 'inserts fail'}.`,
      advice: `create partitions of ${nameOf(table)} ahead of time, and find out why its job did not`,
      evidence: { last_ends: last.toISOString(), partitions: table.partitions.length },
    },
  ]
}

/**
 * All partitions are read, and none by the key. A plan for any values lists all partitions even where the values would
 * spare most of them, so what tells is whether a condition names the key.
 */
function notPruned(table: PartitionedFacts, statement: ExplainedStatement): Finding[] {
  const names = new Set(table.partitions.map(nameOf))
  if (names.size < 3) return []
  const read = [...nodesOf(statement.plan)].filter(({ Schema, 'Relation Name': name }) =>
    names.has(`${Schema ?? table.schema}.${name}`),
  )
  const partitions = new Set(read.map((node) => node['Relation Name']))
  if (partitions.size < names.size) return []
  const byKey = [...nodesOf(statement.plan)]
    .flatMap(conditionsOf)
    .some((condition) => table.keyColumns.some((column) => new RegExp(`\\b${column}\\b`).test(condition)))
  if (byKey) return []
  return [
    {
      id: 'partition.not-pruned',
      severity: 'warning',
      title: 'a statement reads every partition',
      object: `${nameOf(table)}: ${shortSql(statement.sql)}`,
      detail: `No condition of it is on ${table.keyColumns.join(', ')}, by which the ${names.size} partitions are told apart.`,
      advice: `bound ${table.keyColumns.join(', ')} in the statement, also where a wide bound seems to say nothing`,
      evidence: {
        owner: ownerOf(statement.tags, statement.role),
        calls: statement.calls,
        partitions: names.size,
        source: statement.source,
      },
    },
  ]
}
