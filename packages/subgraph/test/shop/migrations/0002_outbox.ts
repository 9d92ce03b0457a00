import { outboxMigration } from '@freshet/events'
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await outboxMigration.up(db)
}
