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
export type { MigrateOptions } from './migrate.ts'
export { migrate } from './migrate.ts'
export { MigrationError } from './migration-error.ts'
export type { ProvisionOptions } from './provision.ts'
export { ensureDatabase, provision, serviceUrl } from './provision.ts'
export { asOperation, createTagging, type QueryTags } from './query-tags.ts'
export {
  DatabaseUnavailableError,
  PoolBusyError,
  StatementTimeoutError,
  violatedConstraint,
} from './sql-errors.ts'
export { inTransaction } from './transaction.ts'
