import { dropIndexConcurrently } from '@freshet/database'
import { type Kysely, sql } from 'kysely'

export const transactional = false

/** Contract: when no process of any version reads it any more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await dropIndexConcurrently(db, 'products_by_condition')
  // Nobody reads it, see above.
  await sql`
    -- squawk-ignore ban-drop-column
    alter table products drop column if exists condition`.execute(db)
}
