import { dropIndexConcurrently } from '@freshet/database'
import type { Kysely } from 'kysely'

export const transactional = false

/** Nothing compares whole titles any more. Processes of the version before do so, slowly, until they are replaced. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await dropIndexConcurrently(db, 'products_with_similar_title')
}
