import { createIndexConcurrently } from '@freshet/database'
import { type Kysely, sql } from 'kysely'

export const transactional = false

export async function up(db: Kysely<unknown>): Promise<void> {
  await createIndexConcurrently(db, 'products_by_condition', sql`on products (condition, id)`)
}
