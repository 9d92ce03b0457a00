import type { Facts } from '../facts/facts.ts'
import type { IndexFacts } from '../facts/indexes.ts'
import { nameOf, type TableFacts } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { megabytes } from '../report/figures.ts'
import { sqlName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/**
 * Space that no row needs, by an estimate from the statistics: rows times their mean width. It errs towards silence: what
 * PostgreSQL saves (compression, deduplication) makes the true size smaller than the estimate.
 */
export function bloatFindings({ tables, indexes }: Facts): Finding[] {
  return [...tables.flatMap(bloatedTable), ...indexes.flatMap(bloatedIndex)]
}

/** Bytes of a row beside its values: header, line pointer, and what alignment wastes of them on average. */
const rowOverhead = 24 + 4 + 4
const entryOverhead = 8 + 4 + 4

function bloatedTable(table: TableFacts): Finding[] {
  if (table.kind === 'p' || table.rowWidth === null || table.bytes < thresholds.bloatTableBytes) return []
  const needed = (table.rows * (table.rowWidth + rowOverhead) * 100) / table.fillfactor
  if (table.bytes < thresholds.bloatFactor * needed) return []
  return [
    {
      id: 'table.bloat',
      severity: 'warning',
      title: 'a table is much larger than its rows',
      object: nameOf(table),
      detail: `${megabytes(table.bytes)} for ${table.rows} rows that need some ${megabytes(needed)}: each scan reads the rest, too.`,
      advice: `vacuum full ${sqlName(table)} when nobody needs it (it locks the table), or pg_repack; then find out why vacuum did not follow`,
      evidence: { bytes: table.bytes, needed: Math.round(needed), rows: table.rows },
    },
  ]
}

function bloatedIndex(index: IndexFacts): Finding[] {
  if (index.method !== 'btree' || !index.isValid || index.entryWidth === null) return []
  if (index.bytes < thresholds.bloatIndexBytes) return []
  const needed = (index.rows * (index.entryWidth + entryOverhead) * 100) / index.fillfactor
  if (index.bytes < thresholds.bloatFactor * needed) return []
  return [
    {
      id: 'index.bloat',
      severity: 'warning',
      title: 'an index is much larger than its entries',
      object: nameOf(index),
      detail: `${megabytes(index.bytes)} for ${index.rows} entries that need some ${megabytes(needed)}.`,
      advice: `reindex index concurrently ${sqlName(index)}`,
      evidence: { bytes: index.bytes, needed: Math.round(needed), entries: index.rows },
    },
  ]
}
