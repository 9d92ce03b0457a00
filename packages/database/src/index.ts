export { AbandonedError, whileWanted } from './abandoned.ts'
export { aligned } from './aligned.ts'
export { countStatements } from './count-statements.ts'
export type { Database, DatabaseOptions } from './database.ts'
export { createDatabase } from './database.ts'
export type { KeysetPageArguments } from './keyset/arguments.ts'
export { decodeCursor, encodeCursor, InvalidCursorError } from './keyset/cursor.ts'
export type { KeysetColumn, KeysetOrder } from './keyset/order.ts'
export type { KeysetPage, KeysetPageInfo } from './keyset/page.ts'
export { keysetPage, keysetPages } from './keyset/page.ts'
export type { KeysetType } from './keyset/types.ts'
export { createIndexConcurrently, dropIndexConcurrently } from './migrations/concurrent-index.ts'
export { inBatches } from './migrations/in-batches.ts'
export type { MigrateOptions } from './migrations/migrate.ts'
export { migrate } from './migrations/migrate.ts'
export { MigrationError } from './migrations/migration-error.ts'
export type { MigrationFile } from './migrations/migration-files.ts'
export { readMigrationFiles } from './migrations/migration-files.ts'
export type { ProvisionOptions } from './provision.ts'
export { ensureDatabase, provision, serviceUrl } from './provision.ts'
export { asOperation, type QueryTags } from './query-tags.ts'
export { actingAs, withScratchDatabase } from './scratch-database.ts'
export {
  DatabaseUnavailableError,
  LockTimeoutError,
  PoolBusyError,
  StatementTimeoutError,
  violatedConstraint,
} from './sql-errors.ts'
export { inTransaction } from './transaction.ts'
