import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { MigrationError } from './migration-error.ts'
import { type MigrationFile, readMigrationFiles } from './migration-files.ts'

/** What {@link migrate} brings up to date. */
export interface MigrateOptions {
  /** The service's own role: what it creates, it owns. */
  url: string
  /** Holds `NNNN_name.ts` files that export `up(db)` (and may export `down(db)`), and nothing else. */
  folder: URL | string
  /** The name of the service, of its schema and of its role. */
  service: string
}

const migrationTable = 'schema_migrations'
const lockTable = 'schema_migrations_lock'
const hashTable = 'schema_migrations_hash'

/**
 * Runs what the folder has and the database has not, all in one transaction: either every pending migration holds
 * or none does. Two processes that migrate at once take turns (Kysely's advisory lock). History is append-only:
 * a migration that was edited, removed, or put before one that has run is refused, before anything is changed.
 * @returns the names of the migrations that ran now
 * @throws MigrationError naming the migration at fault, with PostgreSQL's error as `cause`
 */
export async function migrate({ url, folder, service }: MigrateOptions): Promise<{ applied: string[] }> {
  const files = await readMigrationFiles(service, folder)
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: `${service} migrate` })
  // The statement in flight fails by itself; unheard, either event would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<HashTables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await createHashTable(db, service)
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => hashed(files, service) },
      migrationTableSchema: service,
      migrationTableName: migrationTable,
      migrationLockTableName: lockTable,
    })
    await refuseEdited(db, files, service)
    const { error, results = [] } = await migrator.migrateToLatest()
    if (error !== undefined) {
      const failed = results.find(({ status }) => status === 'Error')?.migrationName ?? null
      throw asMigrationError(service, failed, error)
    }
    return { applied: results.map(({ migrationName }) => migrationName) }
  } catch (error) {
    throw asMigrationError(service, null, error)
  } finally {
    await db.destroy()
  }
}

interface HashTables {
  [hashTable]: { name: string; hash: string }
}

async function createHashTable(db: Kysely<HashTables>, service: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // `if not exists` alone fails for one of two processes that create the same table at once.
    await sql`select pg_advisory_xact_lock(hashtext(${hashTable}))`.execute(trx)
    await trx.schema
      .withSchema(service)
      .createTable(hashTable)
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute()
  })
}

async function refuseEdited(db: Kysely<HashTables>, files: MigrationFile[], service: string): Promise<void> {
  const ran = await db.withSchema(service).selectFrom(hashTable).selectAll().execute()
  const hashes = new Map(ran.map(({ name, hash }) => [name, hash]))
  const edited = files.find(({ name, hash }) => hashes.has(name) && hashes.get(name) !== hash)
  if (edited) {
    throw new MigrationError(
      service,
      edited.name,
      'it was edited after it had run here; undo the edit and write a new migration instead',
    )
  }
}

/** The files as Kysely wants them; each also records its hash, in the transaction that runs it. */
async function hashed(files: MigrationFile[], service: string): Promise<Record<string, Migration>> {
  const loaded = files.map(async (file): Promise<[string, Migration]> => {
    const migration = await file.load()
    const upAndRecord = async (db: Kysely<unknown>) => {
      await migration.up(db)
      const table = sql.table(`${service}.${hashTable}`)
      await sql`insert into ${table} (name, hash) values (${file.name}, ${file.hash})`.execute(db)
    }
    return [file.name, { ...migration, up: upAndRecord }]
  })
  return Object.fromEntries(await Promise.all(loaded))
}

function asMigrationError(service: string, migration: string | null, error: unknown): MigrationError {
  if (error instanceof MigrationError) return error
  return new MigrationError(service, migration, error instanceof Error ? error.message : String(error), error)
}
