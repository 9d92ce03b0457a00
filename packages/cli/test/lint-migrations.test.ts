import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parts } from '@freshet/testing'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { lintMigrations } from '../src/migrations/lint-migrations.ts'
import { servicesWithMigrations } from '../src/migrations/services-with-migrations.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-lint-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

test("every service's migrations may run while the service is used", async () => {
  const services = servicesWithMigrations()
  expect(services.map(({ name }) => name).sort()).toEqual(['analytics', 'catalog', 'users'])
  expect(await lintMigrations(services, { serverUrl: parts().postgresAdminUrl })).toEqual([])
})

const first = `export const up = (db) => db.schema.createTable('things')
  .addColumn('id', 'bigint', (column) => column.primaryKey())
  .addColumn('name', 'text').execute()`

test.each([
  ['require-concurrent-index-creation', `createIndex('things_name').on('things').column('name')`],
  ['adding-required-field', `alterTable('things').addColumn('size', 'bigint', (column) => column.notNull())`],
  ['ban-drop-column', `alterTable('things').dropColumn('name')`],
  ['ban-drop-table', `dropTable('things')`],
  ['renaming-column', `alterTable('things').renameColumn('name', 'title')`],
  ['renaming-table', `alterTable('things').renameTo('stuff')`],
  ['changing-column-type', `alterTable('things').alterColumn('id', (column) => column.setDataType('text'))`],
  ['adding-not-nullable-field', `alterTable('things').alterColumn('name', (column) => column.setNotNull())`],
  ['disallowed-unique-constraint', `alterTable('things').addUniqueConstraint('things_name', ['name'])`],
  [
    'constraint-missing-not-valid',
    `alterTable('things').addForeignKeyConstraint('self', ['id'], 'things', ['id'])`,
  ],
])('finds %s', async (rule, change) => {
  await writeFile(join(folder, '0001_things.ts'), first)
  await writeFile(join(folder, '0002_change.ts'), `export const up = (db) => db.schema.${change}.execute()`)
  const found = await lintMigrations([{ name: 'lint_things', migrations: folder }], {
    serverUrl: parts().postgresAdminUrl,
  })
  expect(found).toContainEqual(expect.objectContaining({ migration: 'lint_things/0002_change', rule }))
  expect(found.filter(({ migration }) => migration !== 'lint_things/0002_change')).toEqual([])
})
