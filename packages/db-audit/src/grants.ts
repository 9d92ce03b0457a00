import { printable, quoteName } from './sql-text.ts'

/** What a role needs to look at all there is; each is to be run by a superuser. */
export function grantsToLook(url: string): string {
  const { role, database } = namesIn(url)
  return `grant pg_monitor, pg_read_all_data to ${role}; grant connect on database ${database} to ${role}`
}

/** What it needs besides to try indexes on copies. */
export function grantsToTry(url: string): string {
  const { role, database } = namesIn(url)
  return `grant pg_read_all_data to ${role}; grant create, temporary on database ${database} to ${role}`
}

/** PostgreSQL takes the role's name for the database's where the URL has none. */
function namesIn(url: string): { role: string; database: string } {
  const { username, pathname, searchParams } = new URL(url)
  const role = decodeURIComponent(username) || searchParams.get('user') || 'its_role'
  const database = decodeURIComponent(pathname.slice(1)) || role
  return { role: quoteName(printable(role)), database: quoteName(printable(database)) }
}
