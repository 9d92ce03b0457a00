import { Kysely, type LogEvent, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { watchBlockers } from './blockers.ts'
import { createHistory, type HistoryTables } from './history.ts'
import { inTurn } from './in-turn.ts'
import { withLockRetries } from './lock-retries.ts'
import { MigrationError } from './migration-error.ts'
import { type MigrationFile, readMigrationFiles } from './migration-files.ts'
import { stoppable } from './stoppable-pool.ts'

/** What {@link migrate} brings up to date. */
export interface MigrateOptions {
  /** The service's own role: what it creates, it owns. */
  url: string
  /** Holds `NNNN_name.ts` files that export `up(db)` (and may export `down(db)`), and nothing else. */
  folder: URL | string
  /** The name of the service, of its schema and of its role. */
  service: string
  /** How long a statement waits for a lock, and all that come after it for the same lock. Default 500 ms. */
  lockTimeoutMs?: number
  /** How long a migration is tried again that doesn't get its lock. Default two minutes. */
  patienceMs?: number
  /** Aborting cuts off the statement that runs; the next run goes on from there. */
  signal?: AbortSignal
  /** Told once why a migration is tried again, and for whom it waits, before it begins or then. */
  report?: (line: string) => void
  /** Told each statement of a migration, for a linter. */
  onStatement?: (migration: string, sql: string) => void
}

/** By an administrator, or because the server stops: `terminating connection due to administrator command`. */
const SESSION_ENDED = '57P01'

const migrationTable = 'schema_migrations'
const lockTable = 'schema_migrations_lock'

/**
 * Runs what the folder has and the database has not, while others read and write. Each migration has a transaction of its
 * own, so that its locks are held for its own time only: it holds or it doesn't, and those before it hold. One that exports
 * `transactional = false` has none (concurrent indexes, batches); it must bear being run again after it was cut off.
 *
 * No statement waits long for a lock, because whoever comes after it waits too: it gives up, and the migration is tried
 * again. Processes that migrate at once take turns. History is append-only: a migration that was edited, removed, or put
 * before one that has run is refused, before anything is changed.
 *
 * @returns the names of the migrations that ran now
 * @throws MigrationError naming the migration at fault, with PostgreSQL's error as `cause`, or saying that it was interrupted
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const { url, folder, service, lockTimeoutMs = 500, patienceMs = 120_000 } = options
  const { signal, report, onStatement } = options
  const files = await readMigrationFiles(service, folder)
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    application_name: `${service} migrate`,
    lock_timeout: lockTimeoutMs,
  })
  // The statement in flight fails by itself; unheard, either event would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const sessions = stoppable(pool, signal)
  let running: string | null = null
  const log = (event: LogEvent) => {
    if (running !== null && event.level === 'query') onStatement?.(running, event.query.sql)
  }
  const db: Kysely<HistoryTables> = new Kysely({ dialect: new PostgresDialect({ pool: sessions }), log })
  const history = createHistory(db, service)

  /** Why a migration failed: what the migrator does after that may fail as well, and say less. */
  let failure: unknown
  async function next(migrator: Migrator, transactional: boolean): Promise<string[]> {
    failure = undefined
    const { error, results = [] } = await migrator.migrateUp({ disableTransactions: !transactional })
    if (error !== undefined) throw failure ?? error
    return results.map(({ migrationName }) => migrationName)
  }
  function provide(file: MigrationFile, migration: Migration): Migration {
    async function up(trx: Kysely<unknown>) {
      running = file.name
      try {
        await migration.up(trx)
      } catch (error) {
        failure = error
        throw error
      } finally {
        running = null
      }
      await history.record(trx as Kysely<HistoryTables>, file)
    }
    return { ...migration, up }
  }

  try {
    return await inTurn({ url, service, signal, report }, async (turn) => {
      sessions.endWith((pid) => turn.endSession(pid))
      await history.create()
      await history.check(files)
      const loaded = await Promise.all(files.map(async (file) => ({ file, ...(await file.load()) })))
      const migrations = Object.fromEntries(
        loaded.map(({ file, migration }) => [file.name, provide(file, migration)]),
      )
      const migrator = new Migrator({
        db,
        provider: { getMigrations: () => Promise.resolve(migrations) },
        migrationTableSchema: service,
        migrationTableName: migrationTable,
        migrationLockTableName: lockTable,
      })
      const known = new Set(
        (await migrator.getMigrations()).flatMap(({ name, executedAt }) => (executedAt ? name : [])),
      )
      const applied: string[] = []
      for (const { file, transactional } of loaded) {
        if (known.has(file.name)) continue
        if (signal?.aborted) throw interrupted(service, file.name, signal.reason)
        const step = () => next(migrator, transactional)
        const told = new Set<string>()
        const onRetry = (reason: string) => {
          if (!told.has(reason)) report?.(`${service}: ${file.name} is tried again: ${reason}`)
          told.add(reason)
        }
        const stopWatching = watchBlockers({
          find: () => turn.findBlockers(sessions.processes()),
          tell: (session) => report?.(`${service}: ${file.name} waits for ${session}`),
        })
        try {
          applied.push(...(await withLockRetries(step, { patienceMs, onRetry, signal })))
        } catch (error) {
          throw signal?.aborted
            ? interrupted(service, file.name, error)
            : asMigrationError(service, file.name, error)
        } finally {
          stopWatching()
        }
      }
      return { applied }
    })
  } catch (error) {
    if (signal?.aborted && !(error instanceof MigrationError)) throw interrupted(service, null, error)
    throw asMigrationError(service, null, error)
  } finally {
    sessions.forget()
    await db.destroy()
  }
}

function interrupted(service: string, migration: string | null, cause: unknown): MigrationError {
  return new MigrationError(service, migration, 'interrupted; to migrate again goes on from here', cause)
}

function asMigrationError(service: string, migration: string | null, error: unknown): MigrationError {
  if (error instanceof MigrationError) return error
  const problem = error instanceof Error ? error.message : String(error)
  const isEnded = error instanceof Error && 'code' in error && error.code === SESSION_ENDED
  const advice = isEnded ? '; to migrate again goes on from here' : ''
  return new MigrationError(service, migration, `${problem}${advice}`, error)
}
