import { outboxMigration } from '@freshet/events'

/** Events of changes, stored in the change's own transaction; the relay publishes them. */
export const { up, down } = outboxMigration
