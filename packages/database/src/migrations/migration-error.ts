/** A migration failed, or the folder no longer tells the history that the database has lived through. */
export class MigrationError extends Error {
  readonly code = 'MIGRATION_FAILED'
  readonly service: string
  /** The file's name without `.ts`, or null when the fault is not one migration's. */
  readonly migration: string | null

  constructor(service: string, migration: string | null, problem: string, cause?: unknown) {
    super(`${service}: ${migration === null ? '' : `migration ${migration}: `}${problem}`, { cause })
    this.name = 'MigrationError'
    this.service = service
    this.migration = migration
  }
}
