import { inboxMigration, outboxMigration } from '@freshet/events'
import type { Kysely } from 'kysely'

/** What is to be published, and what has been consumed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await outboxMigration.up(db)
  await inboxMigration.up(db)
}
