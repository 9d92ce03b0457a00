import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { indexMigration } from '../src/checks/index-migration.ts'

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
