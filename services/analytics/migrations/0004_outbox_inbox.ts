import { inboxMigration, outboxMigration } from '@freshet/events'
import type { Kysely } from 'kysely'

/** Events that go out with a change, and the ids of those whose effect is done. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await outboxMigration.up(db)
  await inboxMigration.up(db)
}
