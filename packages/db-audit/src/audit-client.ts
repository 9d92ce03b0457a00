import pg from 'pg'
import { AuditError, reasonOf } from './audit-error.ts'
import { grantsToLook } from './grants.ts'
import { printable, quoteName, shortSql } from './sql-text.ts'

/** A connection of the audit's own. */
export interface AuditClient {
  /** With parameters PostgreSQL takes a single statement only: text of others' that hides a second one is refused. */
  rows<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** PostgreSQL's code for a lack of rights. */
const notPermitted = '42501'

/** No lock timeout holds yet while a session is being set up. */
const connectMs = 5_000

/** The application name of its connections, and the service in the comments of its statements. */
export const auditName = 'freshet-db-audit'

/**
 * Opens it bounded: a statement has 15 s, no lock is waited for longer than a second, and what it does read-only can't
 * change anything. Its statements carry its own tag, so that the next audit leaves them out.
 *
 * @throws AuditError URL_INVALID, NOT_PERMITTED or UNREACHABLE
 */
export async function openAuditClient(url: string, access: 'read-only' | 'scratch'): Promise<AuditClient> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new AuditError(
      'URL_INVALID',
      'the URL must be one of PostgreSQL: postgres://user:password@host:5432/database',
    )
  }
  const client = new pg.Client({
    connectionString: url,
    application_name: auditName,
    connectionTimeoutMillis: connectMs,
    statement_timeout: 15_000,
    lock_timeout: 1_000,
    idle_in_transaction_session_timeout: 60_000,
    // Times are told as PostgreSQL words them, in bounds of partitions, too.
    options: `-c timezone=UTC -c datestyle=ISO -c default_transaction_read_only=${access === 'read-only' ? 'on' : 'off'}`,
  })
  // The statement in flight fails by itself; unheard, the event would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    const reason = reasonOf(error)
    if ((error as { code?: unknown }).code === notPermitted) {
      throw new AuditError(
        'NOT_PERMITTED',
        `the role may not connect (${shortSql(reason)}); a superuser allows it: ${grantsToLook(url)}`,
        error,
      )
    }
    const advice = 'check that it runs, and the host, the user, the password and the database of the URL'
    throw new AuditError(
      'UNREACHABLE',
      // As pg words it.
      reason === 'timeout expired'
        ? `PostgreSQL took no connection within ${connectMs / 1_000} s: ${advice}; if others wait too, look from another database, in pg_stat_activity, for a session that holds a lock on a catalog`
        : `PostgreSQL can't be asked (${reason}): ${advice}`,
      error,
    )
  }
  return {
    async rows<Row>(sql: string, parameters?: unknown[]) {
      const text = `${sql} /*service='${auditName}'*/`
      // The types of pg don't know `queryMode` yet.
      const bound = { text, values: parameters, queryMode: 'extended' } as pg.QueryConfig
      const { rows } = await client.query(parameters === undefined ? { text } : bound)
      return rows as Row[]
    },
    close: () => client.end(),
  }
}

/**
 * @throws AuditError VERSION_TOO_OLD, NOT_PERMITTED or STATEMENTS_MISSING
 * @returns the schema that pg_stat_statements is in, quoted
 */
export async function requireSources(client: AuditClient): Promise<string> {
  const [found] = await client.rows<{
    version: number
    monitor: boolean
    schema: string | null
    database: string
    role: string
  }>(`
    select current_setting('server_version_num')::int as version, pg_has_role('pg_monitor', 'usage') as monitor, current_database() as database, current_user as role,
      (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where e.extname = 'pg_stat_statements') as schema`)
  const { version, monitor, schema, database, role } = found!
  if (version < 160_000) {
    throw new AuditError(
      'VERSION_TOO_OLD',
      `PostgreSQL ${Math.floor(version / 10_000)} explains no statement without its values: the audit needs 16 or newer`,
    )
  }
  if (!monitor) {
    throw new AuditError(
      'NOT_PERMITTED',
      `the role ${shortSql(role)} may not see what others do: let a superuser run "grant pg_monitor, pg_read_all_data to ${printable(quoteName(role))}", or name a superuser's URL`,
    )
  }
  if (schema === null) {
    throw new AuditError(
      'STATEMENTS_MISSING',
      `the database ${shortSql(database)} has no pg_stat_statements: put it into shared_preload_libraries, and run "create extension pg_stat_statements" in this database`,
    )
  }
  return schema
}
