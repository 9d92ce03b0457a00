import type { PlanNode } from '../plans/plan.ts'
import type { StatementTags } from '../query-tags.ts'

/** When, and by which process of the server's; null where the log does not say. */
export interface Logged {
  readonly at: Date | null
  readonly pid: number | null
}

/** A statement that the log tells of, because it was slow or because all are logged. */
export interface LoggedStatement extends Logged {
  readonly sql: string
  readonly tags: StatementTags
  readonly role: string | null
  readonly milliseconds: number
  /** What auto_explain has written of it, where it writes JSON. */
  readonly plan: PlanNode | null
}

/** Something that went wrong with a statement. */
export interface LoggedTrouble extends Logged {
  readonly kind: 'deadlock' | 'lock-wait' | 'statement-timeout'
  readonly sql: string
  readonly tags: StatementTags
  readonly role: string | null
  /** The processes that held what it waited for. */
  readonly holders: readonly number[]
}

/** What PostgreSQL's log says of one database. */
export interface LogFacts {
  readonly statements: readonly LoggedStatement[]
  readonly troubles: readonly LoggedTrouble[]
}
