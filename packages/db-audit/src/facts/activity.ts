import { type AuditClient, auditName } from '../audit-client.ts'
import { type StatementTags, splitTags } from '../query-tags.ts'

export interface SessionFacts {
  readonly pid: number
  readonly role: string | null
  readonly program: string
  readonly state: string | null
  readonly secondsInState: number
  /** Null outside of a transaction. */
  readonly secondsInTransaction: number | null
  readonly blockedBy: readonly number[]
  readonly sql: string
  readonly tags: StatementTags
}

/** A replication slot that nobody reads from: the server keeps for it all that was written since. */
export interface SlotFacts {
  readonly name: string
  readonly plugin: string | null
  readonly keptBytes: number
}

/** What sessions do right now, and what the server has counted for the whole database. */
export interface ActivityFacts {
  readonly sessions: readonly SessionFacts[]
  readonly idleSlots: readonly SlotFacts[]
  readonly deadlocks: number
  readonly hits: number
  readonly reads: number
  readonly connections: number
  readonly maxConnections: number
}

export async function readActivity(client: AuditClient): Promise<ActivityFacts> {
  const idleSlots = await readIdleSlots(client)
  const sessions = await client.rows<Omit<SessionFacts, 'sql' | 'tags'> & { text: string }>(
    `select pid, usename as role, application_name as program, state,
      extract(epoch from clock_timestamp() - state_change)::float8 as "secondsInState",
      extract(epoch from clock_timestamp() - xact_start)::float8 as "secondsInTransaction",
      pg_blocking_pids(pid) as "blockedBy", query as text
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and application_name <> $1
    order by pid`,
    [auditName],
  )
  const [counted] = await client.rows<Omit<ActivityFacts, 'sessions' | 'idleSlots'>>(
    `select deadlocks::float8 as deadlocks, blks_hit::float8 as hits, blks_read::float8 as reads,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections')::int as "maxConnections"
    from pg_stat_database where datname = current_database()`,
  )
  return {
    ...counted!,
    idleSlots,
    sessions: sessions.map(({ text, ...session }) => ({ ...session, ...splitTags(text) })),
  }
}

/** Those of the whole server, and of this database; of one that reserves nothing yet, nothing is kept. */
async function readIdleSlots(client: AuditClient): Promise<SlotFacts[]> {
  return client.rows<SlotFacts>(`
    select slot_name as name, plugin, pg_wal_lsn_diff(
      case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn)::float8 as "keptBytes"
    from pg_replication_slots
    where not active and restart_lsn is not null and coalesce(database, current_database()) = current_database()
    order by 1`)
}
