import { dropIndexConcurrently } from '@freshet/database'
import type { Kysely } from 'kysely'

export const transactional = false

/** Contract: a version that compares a misspelled search with whole titles would read all of them without it. */
export const up = (db: Kysely<unknown>): Promise<void> =>
  dropIndexConcurrently(db, 'products_with_similar_title')
