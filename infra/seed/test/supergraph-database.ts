import { createHash } from 'node:crypto'
import { migrate, provision, serviceUrl } from '@freshet/database'
import { rolePassword } from '@freshet/local'
import { createTestDatabase } from '@freshet/testing'
import pg from 'pg'

export const SERVICES = ['users', 'catalog', 'analytics']

/** A database with every service's tables. */
export async function createSupergraphDatabase(): Promise<{ adminUrl: string; close: () => Promise<void> }> {
  const [first = '', ...others] = SERVICES
  const folder = (service: string) => new URL(`../../../services/${service}/migrations/`, import.meta.url)
  const { adminUrl, close } = await createTestDatabase({
    service: first,
    migrations: folder(first),
    migrate,
    provision,
  })
  for (const service of others) {
    // Roles belong to the whole server, where other test files log in as them: never a password of our own.
    const password = rolePassword(adminUrl, service)
    await provision({ adminUrl, service, password })
    await migrate({ url: serviceUrl(adminUrl, service, password), folder: folder(service), service })
  }
  return { adminUrl, close }
}

/** Everything that the seed wrote, as one number; `tableoid` tells partitions apart. Indexes and sequences too. */
export async function fingerprint(url: string): Promise<string> {
  const connection = new pg.Client({ connectionString: url })
  await connection.connect()
  const hash = createHash('sha256')
  const add = async (name: string, query: string) => {
    const { rows } = await connection.query(query)
    hash.update(`${name}\n${rows.map(({ row }) => row).join('\n')}\n`)
  }
  try {
    await connection.query("set timezone = 'UTC'")
    const { rows: tables } = await connection.query(`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('users', 'catalog', 'analytics') and tablename !~ '^schema_migrations' order by 1`)
    for (const { name } of tables) await add(name, `select t::text as row from ${name} t order by 1`)
    await add(
      'sequences',
      'select s::text as row from (select schemaname, sequencename, last_value from pg_sequences) s order by 1',
    )
    await add('indexes', indexes)
  } finally {
    await connection.end()
  }
  return hash.digest('hex')
}

/** Of each: its table, name, definition, and whether it can be used. */
export const indexes = `
  select format('%s %s %s %s', i.indrelid::regclass, i.indexrelid::regclass, i.indisvalid, pg_get_indexdef(i.indexrelid)) as row
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where c.relnamespace in ('users'::regnamespace, 'catalog'::regnamespace, 'analytics'::regnamespace) order by 1`
