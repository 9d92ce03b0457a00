import { databaseUrl, withClient } from './with-client.ts'

/** Creates a service's role and schema in a database; the shape of `provision` of @freshet/database. */
export type Provision = (options: { adminUrl: string; service: string; password: string }) => Promise<unknown>

/**
 * The least that a service needs, for tests of packages below @freshet/database (which this package cannot import:
 * the database package is tested with it).
 */
export const provisionRoleAndSchema: Provision = async ({ adminUrl, service, password }) => {
  // Roles belong to the whole server but advisory locks to a database: all take turns in the same one.
  await withClient(databaseUrl(adminUrl, 'postgres'), async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', ['freshet test roles'])
    const role = client.escapeIdentifier(service)
    const known = await client.query('select from pg_roles where rolname = $1', [service])
    const verb = known.rowCount === 0 ? 'create' : 'alter'
    await client.query(`${verb} role ${role} login password ${client.escapeLiteral(password)}`)
    await client.query(`alter role ${role} set search_path = ${role}, extensions`)
  })
  await withClient(adminUrl, async (client) => {
    const role = client.escapeIdentifier(service)
    await client.query(`create schema if not exists extensions`)
    await client.query(`grant usage on schema extensions to public`)
    for (const extension of ['pg_trgm', 'ltree', 'unaccent', 'pg_stat_statements']) {
      await client.query(`create extension if not exists ${extension} schema extensions`)
    }
    await client.query(`create schema if not exists ${role} authorization ${role}`)
  })
}
