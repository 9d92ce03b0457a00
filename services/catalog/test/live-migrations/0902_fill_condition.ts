import { inBatches } from '@freshet/database'
import { type Kysely, sql } from 'kysely'

export const transactional = false

/** The rows that were there before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await inBatches(
    db,
    (limit) => sql`
      update products set condition = 'NEW'
      where id in (
        select id from products where condition is null order by id limit ${limit} for update
      )`,
  )
}
