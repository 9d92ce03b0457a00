import type { TableFacts } from '../facts/tables.ts'
import type { ReadyMigration } from '../finding.ts'
import { printable, quoteName } from '../sql-text.ts'

/** PostgreSQL cuts longer names off. */
const longestName = 63

/** Of biome.json. */
const lineWidth = 110

/** What is to be done with one. */
export const toMigrate =
  'put the migration into the folder of its service under its next number, run `npm run generate`, then `freshet migrate`'

/** The names that are taken in each schema, where tables, indexes and sequences share them; new ones are added. */
export function takenNames(
  objects: readonly { schema: string; name: string }[],
): (schema: string) => Set<string> {
  const taken = new Map(
    [...Map.groupBy(objects, ({ schema }) => schema)].map(([schema, own]) => [
      schema,
      new Set(own.map(({ name }) => name)),
    ]),
  )
  return (schema) => taken.get(schema) ?? new Set()
}

/**
 * A migration as a service's folder has them: built while the table is used, in a file of its own. Names of tables may be
 * anything, and here they become names of files and code.
 *
 * @param taken names in the schema: an index by one of them would not be built, whatever is behind that name; the new one
 * becomes one of them
 */
export function indexMigration(
  { schema, name: table }: Pick<TableFacts, 'schema' | 'name'>,
  keys: readonly string[],
  reason: string,
  taken: Set<string> = new Set(),
): ReadyMigration {
  const [place, words] = [plainWord(table), plainWord(keys.join('_'))]
  const index = freeName(`${place}_by_${words}`, taken)
  const text = fileText(index, `on ${quoteName(table)} (${keys.join(', ')})`, reason)
  return { schema: plainWord(schema), name: `index_${place}_${words}`.slice(0, longestName), text }
}

/** One that makes an index again that was there: null where its definition has another form than PostgreSQL gives it. */
export function restoringMigration(
  { schema, table, name, definition }: { schema: string; table: string; name: string; definition: string },
  reason: string,
): ReadyMigration | null {
  const [, unique, rest] = /^CREATE (UNIQUE )?INDEX .+? ON (?!ONLY ).+?( USING .+)$/s.exec(definition) ?? []
  if (rest === undefined) return null
  const text = fileText(name, `on ${quoteName(table)}${rest}`, reason, unique !== undefined)
  return { schema: plainWord(schema), name: `index_${plainWord(name)}`.slice(0, longestName), text }
}

/** As the formatter of the project writes it, or its linter would refuse the file. */
function fileText(index: string, on: string, reason: string, unique = false): string {
  const parts = ['db', inQuotes(index), `sql\`${inTemplate(on)}\``]
  const open = `  createIndexConcurrently(${parts.join(', ')}`
  const [whole, long] = unique
    ? [[`${open}, { unique: true })`], [`${open}, {`, '    unique: true,', '  })']]
    : [[`${open})`], null]
  const each = [...parts, ...(unique ? ['{ unique: true }'] : [])].map((part) => `    ${part},`)
  const forms = [whole, ...(long ? [long] : [])]
  const call = forms.find(([first]) => first!.length <= lineWidth) ?? [
    '  createIndexConcurrently(',
    ...each,
    '  )',
  ]
  return `import { createIndexConcurrently } from '@freshet/database'
import { type Kysely, sql } from 'kysely'

export const transactional = false

/** ${printable(reason).replaceAll('*/', '* /')} */
export const up = (db: Kysely<unknown>): Promise<void> =>
${call.join('\n')}
`
}

/** In single quotes, unless it has more of them itself than of the others. */
function inQuotes(text: string): string {
  const json = JSON.stringify(text)
  if (text.split("'").length > text.split('"').length) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** What a migration's file may be called: lower case, digits and underscores. */
function plainWord(name: string): string {
  const word = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  return word.replaceAll(/^_|_$/g, '') || 'unnamed'
}

function freeName(wanted: string, taken: Set<string>): string {
  for (let count = 1; ; count++) {
    const end = count === 1 ? '' : `_${count}`
    const name = `${wanted.slice(0, longestName - end.length)}${end}`
    if (taken.has(name)) continue
    taken.add(name)
    return name
  }
}

/** A template makes a line feed of a carriage return, and of a backslash whatever comes after it. */
const inTemplate = (text: string) =>
  text
    .replaceAll(/[\\`]|\$\{/g, '\\$&')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
