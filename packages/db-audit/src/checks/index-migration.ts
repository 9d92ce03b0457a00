import type { TableFacts } from '../facts/tables.ts'
import type { ReadyMigration } from '../finding.ts'

/** PostgreSQL cuts longer names off. */
const longestName = 63

/** A migration as a service's folder has them: built while the table is used, in a file of its own. */
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
  const on = `on ${quoted(table)} (${keys.join(', ')})`
  const text = `import { createIndexConcurrently } from '@freshet/database'
import { type Kysely, sql } from 'kysely'

export const transactional = false

/** ${reason.replaceAll('*/', '* /')} */
export const up = (db: Kysely<unknown>): Promise<void> =>
  createIndexConcurrently(db, ${JSON.stringify(index)}, sql\`${inTemplate(on)}\`)
`
  return { schema, name: `index_${table}_${words}`.slice(0, longestName), text }
}

const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
const inTemplate = (text: string) => text.replaceAll(/[\\`]|\$\{/g, '\\$&')
