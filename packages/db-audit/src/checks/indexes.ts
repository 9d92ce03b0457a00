import type { Facts } from '../facts/facts.ts'
import type { IndexFacts } from '../facts/indexes.ts'
import type { StatementFacts } from '../facts/statements.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { megabytes, span } from '../report/figures.ts'
import { bareSql, namesIt, quoteName, sqlName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/** Indexes that serve nobody. */
export function indexFindings(facts: Facts): Finding[] {
  return [...facts.indexes.flatMap(invalid), ...duplicates(facts.indexes), ...unused(facts)]
}

function invalid(index: IndexFacts): Finding[] {
  // A part of a partitioned index that is being built is told by its partition's own index.
  if (index.isValid) return []
  const evidence = { bytes: index.bytes, unique: index.isUnique, definition: index.definition }
  if (index.builtBy !== null) {
    return [
      {
        id: 'index.invalid',
        severity: 'info',
        title: 'an index is being built',
        object: nameOf(index),
        detail: `Session ${index.builtBy} is at it, on ${index.table}: no read uses it before it is ready.`,
        advice:
          'wait; select * from pg_stat_progress_create_index shows how far it is, and whom it waits for',
        evidence: { ...evidence, built_by: index.builtBy },
      },
    ]
  }
  return [
    {
      id: 'index.invalid',
      severity: 'error',
      title: 'an index is invalid: writes pay for it, and no read uses it',
      object: nameOf(index),
      detail: `A concurrent build or rebuild of it on ${index.table} failed or was ended.`,
      advice: `drop index concurrently ${sqlName(index)}; mend what failed (duplicate rows, if it is unique), and build it again`,
      evidence,
    },
  ]
}

function duplicates(indexes: readonly IndexFacts[]): Finding[] {
  return indexes.flatMap((index) => {
    if (!index.isValid || index.isBound || index.isPrimary) return []
    const other = indexes.find((one) => one !== index && one.isValid && covers(one, index, indexes))
    if (other === undefined) return []
    const same = other.keys.length === index.keys.length
    return [
      {
        id: 'index.duplicate',
        severity: 'warning',
        title: same ? 'two indexes are the same' : 'an index is the beginning of another one',
        object: nameOf(index),
        detail: `${other.name} on ${index.table} (${other.keys.join(', ')}) serves whatever ${index.name} (${index.keys.join(', ')}) does.`,
        advice:
          index.constraint === null
            ? `drop index concurrently ${sqlName(index)}`
            : `alter table ${sqlName({ schema: index.schema, name: index.table })} drop constraint ${quoteName(index.constraint)}`,
        evidence: { covered_by: nameOf(other), bytes: index.bytes, scans: index.scans },
      },
    ]
  })
}

/** Whether `index` can go because of `other`. Of two that are the same, the later one by name goes. */
function covers(other: IndexFacts, index: IndexFacts, all: readonly IndexFacts[]): boolean {
  if (other.tableOid !== index.tableOid || other.predicate !== index.predicate) return false
  // A hash finds what is equal, which a btree does, too.
  const isHash = index.method === 'hash' && other.method === 'btree'
  if (other.method !== index.method && !isHash) return false
  // Only a btree is read by the first of its keys; and a unique index says something that a longer one does not.
  const isSame = other.keys.length === index.keys.length
  if (!isSame && ((index.method !== 'btree' && !isHash) || index.isUnique)) return false
  if (index.keys.some((key, position) => other.keys[position] !== key)) return false
  if (!isHash && !isOrderedAlike(other, index)) return false
  const kept = new Set([...other.columns, ...other.included])
  if (index.included.some((column) => !kept.has(column))) return false
  if (!isSame || isHash) return true
  if (index.isUnique && !refusesAsMuch(other, index)) return false
  if (other.included.length !== index.included.length) return other.included.length > index.included.length
  const order = rankOf(other) - rankOf(index)
  return order > 0 || (order === 0 && all.indexOf(other) < all.indexOf(index))
}

/** An index is read from either end: it serves an order, and the one that is its reverse in every key. */
function isOrderedAlike(other: IndexFacts, index: IndexFacts): boolean {
  const reverse = 3
  const differences = new Set(index.orders.map((order, position) => order ^ (other.orders[position] ?? 0)))
  return differences.size === 1 && (differences.has(0) || differences.has(reverse))
}

function refusesAsMuch(other: IndexFacts, index: IndexFacts): boolean {
  if (!other.isUnique || (index.isImmediate && !other.isImmediate)) return false
  return !index.isStrictOnNulls || other.isStrictOnNulls || other.isPrimary
}

/** What is harder to do without stays. */
function rankOf({ isPrimary, isBound, constraint, isUnique }: IndexFacts): number {
  return [isPrimary, isBound, constraint !== null, isUnique].reduce((rank, is) => 2 * rank + Number(is), 0)
}

/**
 * Statements and scans are counted apart, and either may have been reset: both must show that the table is read. Before all of
 * it has lasted for long enough it is worth knowing, and nothing to act on.
 */
function unused({ indexes, statements, tables, statistics }: Facts): Finding[] {
  const rows = new Map(tables.map((table) => [table.oid, table.rows]))
  const { secondsOfScans, secondsOfStatements, scans } = statistics
  return indexes.flatMap((index) => {
    // A constraint needs its index though nobody reads it.
    if (!index.isValid || index.isBound || index.isUnique || index.scans > 0) return []
    // A table of a few pages (a queue, say) is read as a whole, whatever indexes it has.
    if ((rows.get(index.tableOid) ?? 0) < thresholds.usableIndex) return []
    const calls = statements
      .filter((statement) => statement.isTopLevel && readsFrom(statement, index))
      .reduce((sum, { calls: own }) => sum + own, 0)
    const reads = Math.min(calls, scans.get(index.tableOid) ?? 0)
    if (reads < thresholds.unusedAfterReads) return []
    const known = Math.min(secondsOfScans ?? 0, secondsOfStatements ?? 0, index.age ?? Infinity)
    const isLong = known >= thresholds.unusedAfterSeconds
    return [
      {
        id: 'index.unused',
        severity: isLong ? 'warning' : 'info',
        title: isLong ? 'no statement has used an index' : 'no statement has used an index so far',
        object: nameOf(index),
        detail: `${index.table} was read ${reads} times and more in the ${span(known)} that ${index.age === known ? 'the index is there' : 'the statistics know of'}, and never by ${index.name}, which every write keeps up to date (${megabytes(index.bytes)}).${index.age === null ? " How old it is can't be told: track_commit_timestamp is off." : ''}`,
        advice: isLong
          ? `if its replicas do not use it either, and no monthly job does: drop index concurrently ${sqlName(index)}`
          : `keep it; what runs once a week has not come by yet: look again in ${span(thresholds.unusedAfterSeconds - known)}`,
        evidence: {
          bytes: index.bytes,
          scans: index.scans,
          reads,
          seconds: Math.round(known),
          definition: index.definition,
        },
      },
    ]
  })
}

/** Whether a statement may look for rows of the index's table: it names it, and finds it in its schema. */
function readsFrom({ sql, role, searchPath }: StatementFacts, { schema, table }: IndexFacts): boolean {
  if (/^\s*insert\b/i.test(sql)) return false
  const bare = bareSql(sql)
  return namesIt(bare, table) && namesIt(`${searchPath ?? `${role}, public`} ${bare}`, schema)
}
