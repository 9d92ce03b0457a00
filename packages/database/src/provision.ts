import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { sqlState } from './sql-errors.ts'

/** Whom {@link provision} makes room for. */
export interface ProvisionOptions {
  /** A superuser (or what a managed PostgreSQL has for one), and the database in which the services live. */
  adminUrl: string
  /** The name of the service, of its schema and of its role: a-z, 0-9 and underscore, beginning with a letter. */
  service: string
  /** The role's password from now on. Left out: it keeps the one that it has; a new role can't log in with one. */
  password?: string
}

/** Where the shared extensions live: every role may use them, none may change them. */
const extensionsSchema = 'extensions'
const extensions = ['pg_trgm', 'ltree', 'unaccent', 'pg_stat_statements']
const serviceName = /^[a-z][a-z0-9_]{0,62}$/
/** Any number: it is the lock that provisions of one database take turns on. */
const provisionLock = 7_318_204

/**
 * Gives a service its role and its schema: the role may log in, owns the schema named like it, finds its tables there
 * without a prefix, and has no rights on anybody else's. Idempotent, and safe to run from many processes at once.
 * Run it again for a database cloned from a template: a clone has the schema, but not the role's search path.
 */
export async function provision({ adminUrl, service, password }: ProvisionOptions): Promise<void> {
  if (!serviceName.test(service))
    throw new RangeError(`${JSON.stringify(service)} can't name a schema and a role`)
  await asAdmin(adminUrl, async (client) => {
    await createRole(client, service, password)
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [provisionLock])
    for (const statement of statementsFor(client, service)) await client.query(statement)
    await client.query('commit')
  })
}

/** Outside the transaction: the role's row is the whole server's, and nobody should wait for it long. */
async function createRole(client: pg.Client, service: string, password?: string): Promise<void> {
  const role = pg.escapeIdentifier(service)
  const found = await client.query('select from pg_roles where rolname = $1', [service])
  if (found.rowCount === 0) await client.query(`create role ${role}`)
  const secret = password === undefined ? '' : `password ${pg.escapeLiteral(password)}`
  await client.query(`alter role ${role} with login nosuperuser nocreatedb nocreaterole ${secret}`)
}

function statementsFor(client: pg.Client, service: string): string[] {
  const role = pg.escapeIdentifier(service)
  const database = pg.escapeIdentifier(client.database ?? '')
  return [
    `revoke all on database ${database} from public`,
    `grant connect, temporary on database ${database} to ${role}`,
    'revoke all on schema public from public',
    `create schema if not exists ${extensionsSchema}`,
    `grant usage on schema ${extensionsSchema} to public`,
    ...extensions.map((name) => `create extension if not exists ${name} with schema ${extensionsSchema}`),
    `create schema if not exists ${role} authorization ${role}`,
    `alter schema ${role} owner to ${role}`,
    `revoke all on schema ${role} from public`,
    `alter role ${role} in database ${database} set search_path = ${role}, ${extensionsSchema}`,
  ]
}

/** Creates the database that `adminUrl` names, if the server has none of that name. */
export async function ensureDatabase(adminUrl: string): Promise<void> {
  const server = new URL(adminUrl)
  const name = decodeURIComponent(server.pathname.slice(1))
  server.pathname = '/postgres'
  await asAdmin(server.href, async (client) => {
    const found = await client.query('select from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`)
  })
}

/** The address at which `service` reaches the database of `adminUrl` as its own role. */
export function serviceUrl(adminUrl: string, service: string, password: string): string {
  const url = new URL(adminUrl)
  url.username = encodeURIComponent(service)
  url.password = encodeURIComponent(password)
  return url.href
}

/** Roles belong to the whole server, where no lock is: two databases' provisions may collide on a role's row. */
const collisions = new Set(['XX000', '23505', '42710', '42P04', '40001', '40P01'])
const attempts = 10

async function asAdmin(adminUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client({ connectionString: adminUrl, application_name: 'freshet provision' })
    // The statement in flight fails by itself; unheard, the event would end the process.
    client.on('error', () => {})
    try {
      await client.connect()
      return await work(client)
    } catch (error) {
      if (attempt === attempts || !collisions.has(sqlState(error) ?? '')) throw error
      await wait(attempt * 20)
    } finally {
      await client.end()
    }
  }
}
