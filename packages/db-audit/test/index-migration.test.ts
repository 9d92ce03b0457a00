import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { indexMigration, restoringMigration } from '../src/checks/index-migration.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** What the project's formatter and linter make of a file of a service, and whether they take it. */
function checked(text: string): { text: string; code: number | null } {
  const args = [
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--stdin-file-path=services/s/migrations/0001.ts',
  ]
  const { stdout, status } = spawnSync(process.execPath, [...args, '--write'], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  })
  return { text: stdout, code: status }
}

test.each([
  ['short', 'orders', ['customer_id']],
  ['of 109 characters', 'o'.repeat(7), ['customer_id', 'product_id']],
  ['of 111 characters', 'o'.repeat(8), ['customer_id', 'product_id']],
  [
    'too long for a line',
    'product_categories',
    ['category_id', 'popularity DESC NULLS LAST', '(lower(title))', 'id'],
  ],
  ['with names in quotes', 'Odd`Items', ['"A""b"', "(code || 'x')"]],
])('a migration %s is as the formatter writes it', (_which, table, keys) => {
  const { text } = indexMigration({ schema: 's', name: table }, keys, '12 times cheaper: select 1')
  expect(checked(text)).toEqual({ text, code: 0 })
})

test.each([
  ['short', 'i', "CREATE INDEX i ON s.orders USING btree (id DESC) WHERE (state = 'a`b'::text)"],
  ['unique', 'i', 'CREATE UNIQUE INDEX i ON s.orders USING btree (id)'],
  ['unique and long', 'i', `CREATE UNIQUE INDEX i ON s.orders USING btree (${'o'.repeat(38)})`],
  ['unique and longer', 'i', `CREATE UNIQUE INDEX i ON s.orders USING btree (${'o'.repeat(80)})`],
  ['of a name in quotes', `o''d`, `CREATE INDEX "o''d" ON s."Odd Items" USING gin (words)`],
  ['of an odd name', `o'd"d`, `CREATE INDEX "o'd""d" ON s."Odd Items" USING gin (words)`],
])('a migration that restores an index, %s, is as the formatter writes it', (_which, name, definition) => {
  const { text } = restoringMigration({ schema: 's', table: 'orders', name, definition }, 'Was there before')!
  expect(checked(text)).toEqual({ text, code: 0 })
})

test('restores no index that is a part of a partitioned table', () => {
  const definition = 'CREATE INDEX i ON ONLY s.orders USING btree (id)'
  expect(restoringMigration({ schema: 's', table: 'orders', name: 'i', definition }, '')).toBeNull()
})
