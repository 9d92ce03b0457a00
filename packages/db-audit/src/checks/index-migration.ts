import type { TableFacts } from '../facts/tables.ts'
import type { ReadyMigration } from '../finding.ts'

/** PostgreSQL cuts longer names off. */
const longestName = 63

/**
 * A migration as a service's folder has them. All of a folder's pending migrations run in one transaction, in which
 * nothing can be built concurrently: so the index is built beforehand where the table is large, and the migration, which
 * finds it there, builds it wherever the table is small or new.
 */
export function indexMigration(
  { schema, name: table }: Pick<TableFacts, 'schema' | 'name'>,
  keys: readonly string[],
  reason: string,
): ReadyMigration {
  const words = keys
    .join('_')
    .toLowerCase()
    .replaceAll(/\W+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  const index = `${table}_by_${words}`.slice(0, longestName)
  const on = `${quoted(table)} (${keys.join(', ')})`
  const concurrently = `create index concurrently if not exists ${quoted(index)} on ${quoted(schema)}.${on};`
  const inComment = (line: string) => line.replaceAll('*/', '* /')
  const text = `import { type Kysely, sql } from 'kysely'

/**
 * ${inComment(reason)}
 *
 * On a large table run this first, outside of any transaction, for it blocks no writer; the migration then finds it:
 * ${inComment(concurrently)}
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql\`create index if not exists ${inTemplate(`${quoted(index)} on ${on}`)}\`.execute(db)
}
`
  return { schema, name: `index_${table}_${words}`.slice(0, longestName), concurrently, text }
}

const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
const inTemplate = (text: string) => text.replaceAll(/[\\`]|\$\{/g, '\\$&')
