import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

/**
 * The TypeScript of a schema's tables for Kysely: what a service keeps as `src/generated/db.ts`. The migrator's own
 * tables are left out. Types match what `createDatabase` makes the driver return.
 * @param options.url any role that may see the schema
 */
export async function generateDatabaseTypes({
  url,
  schema,
}: {
  url: string
  schema: string
}): Promise<string> {
  // CommonJS that requires Kysely, which is ESM: jest can do that only once Kysely is all loaded.
  const { generate, PostgresDialect: PostgresGenerator } = await import('kysely-codegen')
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'freshet codegen' })
  // `end()` says goodbye without waiting: when the database is dropped right after, the server's last word comes from an
  // idle connection, and the pool passes it on. What matters has been answered by then.
  pool.on('error', () => {})
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    return await generate({
      db,
      dialect: new PostgresGenerator({
        dateParser: 'string',
        numericParser: 'string',
        defaultSchemas: [schema],
      }),
      defaultSchemas: [schema],
      includePattern: `${schema}.*`,
      excludePattern: `${schema}.schema_migrations*`,
      outFile: null,
      typeOnlyImports: true,
    })
  } finally {
    await db.destroy()
  }
}
