import { type AuditClient, auditName } from '../audit-client.ts'
import { type StatementTags, splitTags } from '../query-tags.ts'

export interface SessionFacts {
  readonly pid: number
  readonly role: string | null
  readonly program: string
  readonly state: string | null
  readonly waitsFor: string | null
  readonly secondsInState: number
  readonly blockedBy: readonly number[]
  readonly sql: string
  readonly tags: StatementTags
}

/** What sessions do right now, and what the server has counted for the whole database. */
export interface ActivityFacts {
  readonly sessions: readonly SessionFacts[]
  readonly deadlocks: number
  readonly hits: number
  readonly reads: number
  readonly connections: number
  readonly maxConnections: number
}

export async function readActivity(client: AuditClient): Promise<ActivityFacts> {
  const sessions = await client.rows<Omit<SessionFacts, 'sql' | 'tags'> & { text: string }>(
    `select pid, usename as role, application_name as program, state, wait_event_type as "waitsFor",
      extract(epoch from clock_timestamp() - state_change)::float8 as "secondsInState",
      pg_blocking_pids(pid) as "blockedBy", query as text
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and application_name <> $1
    order by pid`,
    [auditName],
  )
  const [counted] = await client.rows<Omit<ActivityFacts, 'sessions'>>(
    `select deadlocks::float8 as deadlocks, blks_hit::float8 as hits, blks_read::float8 as reads,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections')::int as "maxConnections"
    from pg_stat_database where datname = current_database()`,
  )
  return {
    ...counted!,
    sessions: sessions.map(({ text, ...session }) => ({ ...session, ...splitTags(text) })),
  }
}
