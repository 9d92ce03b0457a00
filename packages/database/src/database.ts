import type { Logger } from '@freshet/telemetry'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import { createAbandonment } from './abandoned.ts'
import { createOutageLog } from './outage-log.ts'
import { asOperation, createTagging, type QueryTags } from './query-tags.ts'
import { DatabaseUnavailableError, typedError } from './sql-errors.ts'

/** How {@link createDatabase} connects. */
export interface DatabaseOptions {
  /** The service's own role and database: `postgres://catalog:secret@127.0.0.1:5432/freshet`. */
  url: string
  /** Shown in `pg_stat_activity.application_name`, and in the comment of every statement that goes through `db` or `ping`. */
  service: string
  /** The most connections at once. Default 10. */
  poolSize?: number
  /** A statement that waits longer fails: with a {@link PoolBusyError} where others hold all connections, with a
   * {@link DatabaseUnavailableError} where one could not be made. Default 3,000. */
  connectTimeoutMs?: number
  /**
   * PostgreSQL cancels a statement that runs longer ({@link StatementTimeoutError}). Default 4,000, below
   * the gateway's 5,000 for a call, so that a client learns what happened; 0 never does.
   */
  statementTimeoutMs?: number
  /** Asked of every statement, for its comment. Undefined outside of a GraphQL operation; see {@link asOperation}. */
  tags?: () => QueryTags | undefined
  logger: Logger
}

/** An open database: Kysely for queries, the pool beneath it for what Kysely can't do (COPY, LISTEN). */
export interface Database<DB> {
  readonly db: Kysely<DB>
  readonly pool: pg.Pool
  /** Resolves when the database answers; for readiness. */
  ping(): Promise<void>
  /** Waits for the connections in use, then closes all. Calling it again waits for the same end. */
  close(): Promise<void>
  /**
   * Calls `listener` with every statement sent through `db`, without its comment, before its result is known. Returns
   * what ends it.
   */
  onStatement(listener: (sql: string) => void): () => void
}

/** A transaction that waits this long for its own process holds locks for nothing: PostgreSQL ends it. */
const idleInTransactionTimeoutMs = 10_000

/**
 * Opens a pool; the first connection is made by the first query. Values arrive as: `bigint` and `numeric` string
 * (a JS number can't hold them), `integer` and `double precision` number, `timestamptz` Date, `date` string
 * (`2026-11-23`), `jsonb` parsed. A connection that breaks while idle is logged and replaced.
 */
export function createDatabase<DB>(options: DatabaseOptions): Database<DB> {
  const { url, service, poolSize = 10, logger } = options
  const { connectTimeoutMs = 3_000, statementTimeoutMs = 4_000, tags = () => undefined } = options
  const listeners = new Set<(sql: string) => void>()
  const outage = createOutageLog(logger)
  /** Types what the driver throws, and notices when the database goes and comes back. */
  async function noticed<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work()
      outage.answered()
      return result
    } catch (error) {
      const typed = typedError(error)
      if (typed instanceof DatabaseUnavailableError) outage.failed(typed.cause)
      throw typed
    }
  }
  const { hostname, port, pathname } = new URL(url)
  const pool = new pg.Pool({
    connectionString: url,
    // It says all of this as well; metrics name the pool by these.
    host: hostname,
    port: Number(port || 5432),
    database: decodeURIComponent(pathname.slice(1)),
    max: poolSize,
    application_name: service,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: { getTypeParser },
  })
  // Without a listener, node would end the process when an idle connection breaks (PostgreSQL restarts, say).
  pool.on('error', (error) => logger.warn({ err: error }, 'a database connection broke while idle'))
  // The pool listens to idle connections only. One that breaks within a transaction, between two of its statements,
  // would end the process too; the transaction's next statement fails, and that is where it is handled.
  pool.on('connect', (client) => {
    client.on('error', (error) => logger.debug({ err: error }, 'a database connection broke'))
  })
  const abandonment = createAbandonment(service)
  const tagged = createTagging(service, tags)
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({
      pool: watched(pool, {
        listeners,
        noticed,
        tagged,
        checkWanted: () => abandonment.check(),
      }),
    }),
  })
  let closing: Promise<void> | undefined

  return {
    db,
    pool,
    async ping() {
      await asOperation('ping', () => pool.query(tagged('select 1')))
      outage.answered()
    },
    close() {
      closing ??= pool.end()
      return closing
    },
    onStatement(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const dateOid = 1082
const asText = (value: string) => value

/** As pg's own, but a `date` stays text: as a JS Date it would be midnight of this machine's time zone. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === dateOid ? asText : pg.types.getTypeParser(oid, format as 'text')
}

/**
 * The pool as Kysely sees it: each statement is told to the listeners and gets its comment, errors come out typed, and
 * who is not waited for gets no connection.
 */
function watched(
  pool: pg.Pool,
  {
    listeners,
    noticed,
    tagged,
    checkWanted,
  }: {
    listeners: ReadonlySet<(sql: string) => void>
    noticed: <Result>(work: () => Promise<Result>) => Promise<Result>
    tagged: (sql: string) => string
    checkWanted: () => void
  },
): PostgresPool {
  type Client = Awaited<ReturnType<PostgresPool['connect']>>
  const clients = new WeakMap<pg.PoolClient, Client>()
  const watch = (client: pg.PoolClient): Client => {
    const query = async (sql: string, parameters: unknown[]) => {
      for (const listener of listeners) listener(sql)
      return noticed(() => client.query(tagged(sql), parameters))
    }
    return {
      // Kysely's own name for the backend's id, which it needs to cancel a statement.
      processID: (client as unknown as { processID: number }).processID,
      query: query as unknown as Client['query'],
      release: (destroy) => client.release(destroy),
    }
  }
  return {
    Client: pg.Client as unknown as PostgresPool['Client'],
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      checkWanted()
      const client = await noticed(() => pool.connect())
      try {
        // A busy pool may have kept it waiting for longer than whoever asked.
        checkWanted()
      } catch (error) {
        client.release()
        throw error
      }
      // Kysely knows a connection by its object, so a physical connection keeps its one wrapper.
      const known = clients.get(client) ?? watch(client)
      clients.set(client, known)
      return known
    },
  }
}
