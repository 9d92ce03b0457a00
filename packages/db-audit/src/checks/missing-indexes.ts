import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { ownerOf } from '../query-tags.ts'
import { megabytes } from '../report/figures.ts'
import type { NotTried, TriedIndex } from '../scratch/try-indexes.ts'
import { shortSql } from '../sql-text.ts'
import { indexMigration, takenNames, toMigrate } from './index-migration.ts'

/**
 * One finding for each index that was tried and is worth it, for all statements that it serves.
 *
 * @param grants what the role lacks where it may not try
 */
export function missingIndexFindings(
  tried: readonly TriedIndex[],
  notTried: readonly NotTried[],
  names: readonly { schema: string; name: string }[],
  grants: string,
): Finding[] {
  const takenIn = takenNames(names)
  const found = tried.map((index) => missing(index, takenIn(index.table.schema)))
  return [...found, ...notTried.map((table) => unknown(table, grants))]
}

function missing(
  { table, keys, served, bytes, walPerWrite, copiedRows }: TriedIndex,
  taken: Set<string>,
): Finding {
  const { statement, before, after } = served[0]!
  const gain = Math.round(before / Math.max(after, 0.01))
  const writes = table.inserts + table.updates + table.deletes
  const wal = Math.round(walPerWrite)
  return {
    id: 'index.missing',
    severity: 'error',
    title: 'an index is missing',
    object: `${nameOf(table)} (${keys.join(', ')})`,
    detail: `Tried on a copy: it makes "${shortSql(statement.sql)}" ${gain} times cheaper (cost ${before} to ${after}), takes ${megabytes(bytes)}, and makes an insert ${wal} bytes of write-ahead log dearer, as it does an update of its columns; the table had ${writes} writes since the statistics began.`,
    advice: toMigrate,
    evidence: {
      owner: ownerOf(statement.tags, statement.role),
      calls: statement.calls,
      statements: served.length,
      cost_before: before,
      cost_after: after,
      gain,
      bytes: Math.round(bytes),
      wal_bytes_per_write: wal,
      writes,
      copied_rows: copiedRows,
    },
    migration: indexMigration(table, keys, `${gain} times cheaper: ${shortSql(statement.sql, 80)}`, taken),
  }
}

function unknown({ table, reason }: NotTried, grants: string): Finding {
  return {
    id: 'index.not-tried',
    severity: 'info',
    title: 'whether an index is missing could not be tried',
    object: nameOf(table),
    detail: `No copy of the table could be made: ${shortSql(reason)}.`,
    advice: whatToDo(reason, grants),
    evidence: { reason },
  }
}

function whatToDo(reason: string, grants: string): string {
  if (reason.includes('permission denied')) return `let a superuser run: ${grants}`
  // Its own session may write wherever that is possible: this is a standby.
  if (reason.includes('read-only transaction')) return 'audit the primary too: a copy can only be made there'
  return 'ask again when the table is less in use'
}
