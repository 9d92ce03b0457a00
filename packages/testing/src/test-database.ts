import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolePassword, workspaceRoot } from '@freshet/local'
import type pg from 'pg'
import { parts } from './parts.ts'
import { type Provision, provisionRoleAndSchema } from './provisioning.ts'
import { uniqueName } from './unique-name.ts'
import { databaseUrl, withClient } from './with-client.ts'

/** Applies a folder's migrations as the service's role; the shape of `migrate` of @freshet/database. */
export type Migrate = (options: { url: string; folder: URL | string; service: string }) => Promise<unknown>

/** Options of {@link createTestDatabase}. */
export type TestDatabaseOptions = {
  /** Names the role and the schema. Lower-case letters, digits, underscores. */
  service: string
  /** Pass @freshet/database's `provision` to test with exactly what production does. */
  provision?: Provision
} & ({ migrations: URL | string; migrate: Migrate } | { migrations?: undefined; migrate?: undefined })

/** A database of one test file. */
export type TestDatabase = {
  /** As the service's role. */
  url: string
  /** As superuser, same database. */
  adminUrl: string
  /** Drops the database, whoever is still connected. */
  close: () => Promise<void>
}

/**
 * A fresh database with the service's role, schema and migrations, cloned from a template. The template is made once
 * for each state of the migrations (and of the packages that they import), by whichever process comes first.
 *
 * @example
 * const database = await createTestDatabase({ service: 'catalog', migrations: new URL('../migrations/', import.meta.url), migrate, provision })
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const { postgresAdminUrl } = parts()
  const { service } = options
  const template = `template_${service}_${fingerprint(options)}`
  const name = uniqueName(`test-${service}`).replaceAll('-', '_')
  await withClient(postgresAdminUrl, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', ['freshet test templates'])
    if (!(await exists(client, template))) await buildTemplate(client, postgresAdminUrl, template, options)
    await client.query(
      `create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}`,
    )
  })
  const adminUrl = databaseUrl(postgresAdminUrl, name)
  // Grants on a database and a role's settings in it belong to that database: a clone does not inherit them.
  const { provision = provisionRoleAndSchema } = options
  await provision({ adminUrl, service, password: rolePassword(adminUrl, service) })
  return {
    url: roleUrl(adminUrl, service),
    adminUrl,
    close: () =>
      withClient(postgresAdminUrl, async (client) => {
        await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
      }),
  }
}

// Built under another name and renamed: a failed or killed build never passes for a template.
async function buildTemplate(
  client: pg.Client,
  adminUrl: string,
  template: string,
  options: TestDatabaseOptions,
) {
  const { service, provision = provisionRoleAndSchema } = options
  const unfinished = `test_unfinished_${service}`
  const quoted = client.escapeIdentifier(unfinished)
  await client.query(`drop database if exists ${quoted} with (force)`)
  await client.query(`create database ${quoted}`)
  const url = databaseUrl(adminUrl, unfinished)
  await provision({ adminUrl: url, service, password: rolePassword(adminUrl, service) })
  if (options.migrate !== undefined) {
    await options.migrate({ url: roleUrl(url, service), folder: options.migrations, service })
  }
  await client.query(`alter database ${quoted} rename to ${client.escapeIdentifier(template)}`)
}

async function exists(client: pg.Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
  return rowCount === 1
}

function roleUrl(url: string, service: string): string {
  const result = new URL(url)
  result.password = rolePassword(url, service)
  result.username = service
  return result.href
}

// Migrations may use what @freshet/database and @freshet/events export (the outbox, say): their source counts too.
function fingerprint(options: TestDatabaseOptions): string {
  const hash = createHash('sha256')
    .update(options.service)
    .update(String(options.provision ?? ''))
  const shared = ['database', 'events', 'testing'].map((name) => join(workspaceRoot, 'packages', name, 'src'))
  const own = options.migrations === undefined ? [] : [pathOf(options.migrations)]
  for (const folder of [...own, ...shared]) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
    for (const file of files) hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 12)
}

function pathOf(folder: URL | string): string {
  return folder instanceof URL || folder.startsWith('file:') ? fileURLToPath(folder) : folder
}
