import type { StatementTags } from './query-tags.ts'
import { bareSql } from './sql-text.ts'

/** What fills a database once, by the service that it names in its comments. */
const seedService = 'freshet-seed'

/** What it takes is over, and nobody will wait for it again. */
export const isOneOff = ({ tags }: { tags: StatementTags }): boolean => tags.service === seedService

/** Who takes turns by an advisory lock means to wait, for as long as the other one works. */
export const takesTurns = ({ sql }: { sql: string }): boolean =>
  /\bpg_advisory_(?:xact_)?lock/i.test(bareSql(sql))

/**
 * A job or a consumer: it names its work, and no field asked for it, so that nobody looks at a page meanwhile. What names
 * neither is waited for, as far as anybody knows: the account of a signed-in request is looked up outside of GraphQL.
 */
export const isBackground = ({ tags }: { tags: StatementTags }): boolean =>
  tags.operation !== undefined && tags.field === undefined

/** Of what nobody waits for, time is worth knowing; of all else, it hurts. */
export const severityOfTime = (statement: { tags: StatementTags }): 'info' | 'warning' =>
  isBackground(statement) ? 'info' : 'warning'
