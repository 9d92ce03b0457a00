import { type Kysely, sql } from 'kysely'
import { MigrationError } from './migration-error.ts'
import type { MigrationFile } from './migration-files.ts'

const hashTable = 'schema_migrations_hash'

/** The table of {@link createHistory}, for Kysely. */
export interface HistoryTables {
  [hashTable]: { name: string; hash: string }
}

/** What has run in a database, by the text that it had then. */
export function createHistory(db: Kysely<HistoryTables>, service: string) {
  return {
    create: () =>
      db.schema
        .withSchema(service)
        .createTable(hashTable)
        .ifNotExists()
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute(),

    /** In the migration's transaction, where it has one; where not, it may have been cut off after this. */
    record: (trx: Kysely<HistoryTables>, { name, hash }: MigrationFile) =>
      trx
        .withSchema(service)
        .insertInto(hashTable)
        .values({ name, hash })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ hash }))
        .execute(),

    /** @throws MigrationError when the files no longer tell what has run here */
    async check(files: readonly MigrationFile[]): Promise<void> {
      const { rows: ran } = await sql<{ name: string; hash: string }>`
        select name, hash from ${sql.table(`${service}.${hashTable}`)} order by name`.execute(db)
      const byName = new Map(files.map((file) => [file.name, file]))
      for (const { name, hash } of ran) {
        const file = byName.get(name)
        const problem =
          file === undefined
            ? 'it has run here, and its file is missing; bring it back'
            : file.hash !== hash &&
              'it was edited after it had run here; undo the edit and write a new migration instead'
        if (problem) throw new MigrationError(service, name, problem)
      }
      const last = ran.at(-1)?.name ?? ''
      const early = files.find(({ name }) => name < last && !ran.some((one) => one.name === name))
      if (early === undefined) return
      const problem = `it comes before ${last}, which has run here already; give it a higher number`
      throw new MigrationError(service, early.name, problem)
    },
  }
}
