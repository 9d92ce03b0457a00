import type { Facts } from '../facts/facts.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { isOneOff } from '../purpose.ts'
import { ownerOf } from '../query-tags.ts'
import { percent } from '../report/figures.ts'
import { statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/** What is not found in memory. */
export function cacheFindings(facts: Facts): Finding[] {
  const missed = (what: string, id: string, object: string, reads: number, hits: number, least: number) => {
    const ratio = hits / (hits + reads)
    if (reads < least || ratio >= thresholds.hitRatio) return []
    return [
      {
        id,
        severity: 'warning' as const,
        title: `${what} is read from disk`,
        object,
        detail: `Only ${percent(ratio)} of the blocks were in shared_buffers; ${reads} had to be read.`,
        advice:
          'read less of it (an index, fewer columns, bloat removed); if it is all needed, raise shared_buffers',
        evidence: { hit_ratio: ratio, reads, hits },
      },
    ]
  }
  const regular = facts.statements
    .filter(({ calls }) => calls >= thresholds.regularCalls)
    .filter((statement) => !isOneOff(statement))
  return [
    ...missed(
      'the database',
      'cache.database',
      facts.database,
      facts.reads,
      facts.hits,
      thresholds.databaseReads,
    ),
    ...facts.tables.flatMap((table) => [
      ...missed(
        'a table',
        'cache.table',
        nameOf(table),
        table.heapReads,
        table.heapHits,
        thresholds.tableReads,
      ),
      ...missed(
        'what is indexed of a table',
        'cache.indexes',
        nameOf(table),
        table.indexReads,
        table.indexHits,
        thresholds.tableReads,
      ),
    ]),
    ...regular.flatMap(({ sql, tags, role, reads, hits }) =>
      missed(
        'what a statement asks for',
        'cache.statement',
        statementName(sql),
        reads,
        hits,
        thresholds.tableReads,
      ).map((finding) => ({ ...finding, evidence: { owner: ownerOf(tags, role), ...finding.evidence } })),
    ),
  ]
}
