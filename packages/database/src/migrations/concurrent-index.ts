import { type Kysely, type RawBuilder, sql } from 'kysely'

/** Who keeps a transaction open for longer has to be found. */
const LONGEST_WAIT = '10min'

/**
 * Makes an index while the table is read and written; for a migration without a transaction. What an attempt that was cut
 * off has left is removed first: such an index is written by everybody and read by nobody. One that is there already must be
 * the one that is wanted: what has only its name is refused, and stays.
 *
 * @param definition all behind the name: sql`on products (category_id)`
 * @throws Error when another index has the name, or when this one is not valid in the end
 * @example
 * export const transactional = false
 * export const up = (db: Kysely<unknown>) =>
 *   createIndexConcurrently(db, 'products_of_category', sql`on products (category_id)`)
 */
export async function createIndexConcurrently(
  db: Kysely<unknown>,
  name: string,
  definition: RawBuilder<unknown>,
  { unique = false }: { unique?: boolean } = {},
): Promise<void> {
  const found = await validity(db, name)
  if (found === true) return await requireSame(db, name, definition, unique)
  if (found === false) await dropIndexConcurrently(db, name)
  await patiently(db, sql`create ${kindOf(unique)} concurrently ${sql.id(name)} ${definition}`)
  if ((await validity(db, name)) !== true) throw new Error(`the index ${name} was made, but is not valid`)
}

/** Removes an index, if it is there, without a lock that stops anybody. */
export async function dropIndexConcurrently(db: Kysely<unknown>, name: string): Promise<void> {
  await patiently(db, sql`drop index concurrently if exists ${sql.id(name)}`)
}

/**
 * It waits for every transaction that is open, and nobody waits for it: so the short lock timeout of migrations (see
 * {@link migrate}) is not for this. An attempt that gave up would only leave an invalid index.
 */
async function patiently(db: Kysely<unknown>, statement: RawBuilder<unknown>): Promise<void> {
  await db.connection().execute(async (connection) => {
    const { rows } = await sql<{ before: string }>`
      select current_setting('lock_timeout') as before, set_config('lock_timeout', ${LONGEST_WAIT}, false)`.execute(
      connection,
    )
    const restore = () =>
      sql`select set_config('lock_timeout', ${rows[0]?.before ?? '0'}, false)`.execute(connection)
    await statement.execute(connection).catch(async (error: unknown) => {
      // Where the session has ended this fails as well, and says less.
      await restore().catch(() => {})
      throw error
    })
    await restore()
  })
}

/** The definition's table, which may have a schema; quoted names may hold anything. */
const TABLE = /^\s*on\s+(?:only\s+)?((?:"(?:[^"]|"")+"|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$]+))?)/i

/**
 * Compares in PostgreSQL's own words: it writes out the wanted index as it is on an empty table of the same name and columns,
 * which nobody else sees.
 *
 * @throws Error when the index that has the name is not the wanted one
 */
async function requireSame(
  db: Kysely<unknown>,
  name: string,
  definition: RawBuilder<unknown>,
  unique: boolean,
): Promise<void> {
  const text = definition.compile(db).sql
  const [head, table] = TABLE.exec(text) ?? []
  if (head === undefined || table === undefined) {
    throw new Error(`the definition of the index ${name} doesn't begin with "on" and a table: ${text}`)
  }
  const { found, wanted } = await db.connection().execute((connection) =>
    connection.transaction().execute(async (trx) => {
      // Before the other table hides this one.
      const found = await shapeOf(trx, sql`to_regclass(quote_ident(${name}))`)
      const { rows } = await sql<{ relation: string; qualified: string }>`
        select quote_ident(relname) as relation, format('%I.%I', nspname, relname) as qualified
        from pg_class c join pg_namespace n on n.oid = relnamespace where c.oid = ${table}::regclass`.execute(
        trx,
      )
      const [{ relation, qualified }] = rows as [(typeof rows)[0]]
      const empty = sql.raw(`pg_temp.${relation}`)
      await sql`create temporary table ${empty} (like ${sql.raw(qualified)}) on commit drop`.execute(trx)
      const rest = sql.raw(text.slice(head.length))
      await sql`create ${kindOf(unique)} freshet_wanted on ${empty} ${rest}`.execute(trx)
      const wanted = await shapeOf(trx, sql`'pg_temp.freshet_wanted'::regclass`)
      return { found, wanted: { ...wanted, table: qualified } }
    }),
  )
  if (found.table === wanted.table && found.unique === wanted.unique && found.rest === wanted.rest) return
  throw new Error(
    `the index ${name} is there already, but it is ${described(found)}; wanted is ${described(wanted)}. Give the new one another name, or remove the old one before it: await dropIndexConcurrently(db, '${name}')`,
  )
}

interface Shape {
  /** `catalog.products` */
  table: string
  unique: boolean
  /** All behind the table: `btree (category_id, id) WHERE (NOT deleted)` */
  rest: string
}

async function shapeOf(db: Kysely<unknown>, index: RawBuilder<unknown>): Promise<Shape> {
  const { rows } = await sql<Shape>`
    select format('%I.%I', nspname, relname) as table, indisunique as unique,
      substring(pg_get_indexdef(indexrelid) from ' USING (.*)$') as rest
    from pg_index join pg_class c on c.oid = indrelid join pg_namespace n on n.oid = relnamespace
    where indexrelid = ${index}`.execute(db)
  return rows[0] as Shape
}

const described = ({ table, unique, rest }: Shape) =>
  `${unique ? 'a unique one' : 'one'} on ${table} using ${rest}`

const kindOf = (unique: boolean) => sql.raw(unique ? 'unique index' : 'index')

/** Undefined when there is no such index. */
async function validity(db: Kysely<unknown>, name: string): Promise<boolean | undefined> {
  const { rows } = await sql<{ valid: boolean }>`
    select indisvalid and indisready as valid from pg_index where indexrelid = to_regclass(quote_ident(${name}))`.execute(
    db,
  )
  return rows[0]?.valid
}
