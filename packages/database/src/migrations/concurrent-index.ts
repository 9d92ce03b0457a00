import { type Kysely, type RawBuilder, sql } from 'kysely'

/**
 * Makes an index while the table is read and written; for a migration without a transaction. What an attempt that was cut
 * off has left is removed first: such an index is written by everybody and read by nobody.
 *
 * @param definition all behind the name: sql`on products (category_id)`
 * @throws Error when the index is not valid in the end
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
  if (found === true) return
  if (found === false) await dropIndexConcurrently(db, name)
  const kind = sql.raw(unique ? 'unique index' : 'index')
  await sql`create ${kind} concurrently ${sql.ref(name)} ${definition}`.execute(db)
  if ((await validity(db, name)) !== true) throw new Error(`the index ${name} was made, but is not valid`)
}

/** Removes an index, if it is there, without a lock that stops anybody. */
export async function dropIndexConcurrently(db: Kysely<unknown>, name: string): Promise<void> {
  await sql`drop index concurrently if exists ${sql.ref(name)}`.execute(db)
}

/** Undefined when there is no such index. */
async function validity(db: Kysely<unknown>, name: string): Promise<boolean | undefined> {
  const { rows } = await sql<{ valid: boolean }>`
    select indisvalid and indisready as valid from pg_index where indexrelid = to_regclass(${name})`.execute(
    db,
  )
  return rows[0]?.valid
}
