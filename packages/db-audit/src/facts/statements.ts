import { type AuditClient, auditName } from '../audit-client.ts'
import { type StatementTags, splitTags } from '../query-tags.ts'

/** A statement of which pg_stat_statements knows, in this database, with `$1` for its values. */
export interface StatementFacts {
  readonly sql: string
  /** Of the one that was the first to come: a comment is no part of what makes statements equal. */
  readonly tags: StatementTags
  readonly role: string
  /** Where its tables are looked for; null for the database's own. */
  readonly searchPath: string | null
  /** Whether a client has sent it; not for what functions, triggers and foreign keys do. */
  readonly isTopLevel: boolean
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly rows: number
  readonly hits: number
  readonly reads: number
  readonly spilledBytes: number
}

type Row = Omit<StatementFacts, 'sql' | 'tags'> & { text: string }

export async function readStatements(client: AuditClient, schema: string): Promise<StatementFacts[]> {
  const rows = await client.rows<Row>(
    `select s.query as text, r.rolname as role, s.toplevel as "isTopLevel", s.calls::float8 as calls,
      s.total_exec_time as "totalMs", s.mean_exec_time as "meanMs", s.rows::float8 as rows,
      s.shared_blks_hit::float8 as hits, s.shared_blks_read::float8 as reads,
      s.temp_blks_written::float8 * current_setting('block_size')::int as "spilledBytes",
      ${searchPathOf('s.userid')} as "searchPath"
    from ${schema}.pg_stat_statements s join pg_roles r on r.oid = s.userid
    where s.dbid = (select oid from pg_database where datname = current_database())
      and s.query ~* '^[[:space:](]*(select|insert|update|delete|merge|with|table|declare)\\M|^[[:space:]]*copy[[:space:]]*\\('
    order by s.total_exec_time desc`,
  )
  return rows
    .map(({ text, ...figures }) => ({ ...splitTags(text), ...figures }))
    .filter(({ tags }) => tags.service !== auditName)
}

/** As a session of the role has it: what is set for it in this database comes before what is set elsewhere. */
function searchPathOf(role: string): string {
  return `(select substr(entry, 13) from pg_db_role_setting x cross join unnest(x.setconfig) entry
    where x.setrole in (0, ${role}) and x.setdatabase in (0, (select oid from pg_database where datname = current_database()))
      and entry like 'search\\_path=%'
    order by x.setrole = 0, x.setdatabase = 0 limit 1)`
}
