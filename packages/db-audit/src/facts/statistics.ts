import type { AuditClient } from '../audit-client.ts'

/** How much the counters can know: scans and statements are counted apart, and each is reset by itself. */
export interface StatisticsFacts {
  /** Seconds since which pg_stat_* counts scans, and pg_stat_statements calls; null where PostgreSQL does not say. */
  readonly secondsOfScans: number | null
  readonly secondsOfStatements: number | null
  /** By the oid of a table, how often it was scanned, with an index or without, since scans are counted. */
  readonly scans: ReadonlyMap<number, number>
  /** By the same, seconds since the last vacuum; not there if there was none. */
  readonly sinceVacuum: ReadonlyMap<number, number>
}

/** @param schema of pg_stat_statements, quoted */
export async function readStatistics(client: AuditClient, schema: string): Promise<StatisticsFacts> {
  // The database's own time is null until somebody resets it, and again after a crash, which loses the counters and is
  // seen by the server's own.
  const [counted] = await client.rows<{ seconds: number | null }>(`
    select extract(epoch from clock_timestamp() - greatest(d.stats_reset, b.stats_reset))::float8 as seconds
    from pg_stat_database d cross join pg_stat_bgwriter b where d.datname = current_database()`)
  const [statements] = await client
    .rows<{ seconds: number }>(
      `select extract(epoch from clock_timestamp() - stats_reset)::float8 as seconds from ${schema}.pg_stat_statements_info`,
    )
    // An extension that was made by an old version, and never updated, has no such view.
    .catch(() => [])
  const tables = await client.rows<{ oid: number; scans: number; vacuum: number | null }>(`
    select relid::int as oid, (seq_scan + coalesce(idx_scan, 0))::float8 as scans,
      extract(epoch from clock_timestamp() - greatest(last_vacuum, last_autovacuum))::float8 as vacuum
    from pg_stat_user_tables`)
  return {
    secondsOfScans: counted?.seconds ?? null,
    secondsOfStatements: statements?.seconds ?? null,
    scans: new Map(tables.map(({ oid, scans }) => [oid, scans])),
    sinceVacuum: new Map(tables.flatMap(({ oid, vacuum }) => (vacuum === null ? [] : [[oid, vacuum]]))),
  }
}
