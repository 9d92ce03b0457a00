import type { Facts } from '../facts/facts.ts'
import type { PartitionedFacts } from '../facts/partitions.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import type { ExplainedStatement } from '../plans/explained.ts'
import { conditionsOf, nodesOf } from '../plans/plan.ts'
import { isLarge } from '../plans/table-lookup.ts'
import { ownerOf } from '../query-tags.ts'
import { escapedPattern, quoteName, shortSql, sqlName, statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { endsOf, nextPartition } from './next-partition.ts'

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
      advice: `in one transaction: move them out of ${sqlName(stray)}, create their partition, insert them again`,
      evidence: { rows: stray.liveRows, table: nameOf(table) },
    },
  ]
}

/** Only of tables by time: of others nobody knows what comes next. */
function nothingAhead(table: PartitionedFacts, at: Date): Finding[] {
  const isByTime = table.strategy === 'r' && /^(date|timestamp)/.test(table.keyTypes[0] ?? '')
  if (!isByTime) return []
  const ends = table.partitions.flatMap(({ bound }) => endsOf(bound).to ?? [])
  // One that has none at all is not in use yet.
  if (ends.length === 0) return []
  const end = Math.max(...ends)
  const wanted = at.getTime() + thresholds.partitionsAheadDays * 86_400_000
  // A partition that is partitioned itself (a year, in months) needs none beyond its own end, and none for what is past.
  const most = table.ownBound === null ? Infinity : (endsOf(table.ownBound).to ?? Infinity)
  if (end > wanted || end >= most || most <= at.getTime()) return []
  const last = new Date(end)
  const hasDefault = table.partitions.some(({ isDefault }) => isDefault)
  return [
    {
      id: 'partition.none-ahead',
      severity: hasDefault ? 'warning' : 'error',
      title: 'a table by time has no partition for what comes next',
      object: nameOf(table),
      detail: `The last one ends at ${last.toISOString()}; after that ${hasDefault ? 'rows go to the default partition' : 'inserts fail'}.`,
      advice: `if its service keeps partitions, restart it (npx freshet restart ${shortSql(table.schema)}), and find in its log why it did not; by hand: ${nextPartition(table, end, at)}`,
      evidence: { last_ends: last.toISOString(), partitions: table.partitions.length },
    },
  ]
}

/**
 * All partitions are read, and none by the key. A plan for any values lists all partitions even where the values would
 * spare most of them, so what tells is whether a condition compares the key itself: inside of a function it spares none.
 */
function notPruned(table: PartitionedFacts, statement: ExplainedStatement): Finding[] {
  const names = new Set(table.leaves.map(nameOf))
  if (names.size < 3 || table.ownBound !== null) return []
  const nodes = [...nodesOf(statement.plan)]
  const read = new Set(
    nodes
      .map(({ Schema, 'Relation Name': name }) => `${Schema ?? table.schema}.${name}`)
      .filter((name) => names.has(name)),
  )
  if (read.size < names.size) return []
  const keys = table.keyColumns.map((column) => escapedPattern(quoteName(column))).join('|')
  if (keys === '' || nodes.flatMap(conditionsOf).some((condition) => comparesItself(condition, keys)))
    return []
  return [
    {
      id: 'partition.not-pruned',
      severity: 'warning',
      title: 'a statement reads every partition',
      object: `${nameOf(table)}: ${statementName(statement.sql)}`,
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

const operator = '(?:[<>]=?|<>|=|IS)'

/** Whether a key stands at an operator: `(e.at >= $1)`, `($1 < at)`, or `((code)::text = $1)` of a varchar. */
function comparesItself(condition: string, keys: string): boolean {
  const key = `(?:(?<![\\w".])(?:(?:\\w+|"[^"]+")\\.)?(?:${keys})|\\((?:(?:\\w+|"[^"]+")\\.)?(?:${keys})\\)::text)`
  return new RegExp(`${key} ${operator}|${operator} ${key}(?:\\)|$)`).test(condition)
}
