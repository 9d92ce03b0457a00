import { outboxMigration } from '@freshet/events'
import type { Kysely } from 'kysely'

/** Events of changes, stored in the change's own transaction; the relay publishes them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await outboxMigration.up(db)
}
