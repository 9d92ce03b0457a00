import type { PlanNode } from '../plans/plan.ts'
import type { StatementTags } from '../query-tags.ts'

/** A statement that the log tells of, because it was slow or because all are logged. */
export interface LoggedStatement {
  readonly sql: string
  readonly tags: StatementTags
  readonly role: string | null
  readonly milliseconds: number
  /** What auto_explain has written of it, where it writes JSON. */
  readonly plan: PlanNode | null
}

/** Something that went wrong with a statement. */
export interface LoggedTrouble {
  readonly kind: 'deadlock' | 'lock-wait' | 'statement-timeout'
  readonly sql: string
  readonly tags: StatementTags
  readonly role: string | null
}

/** What PostgreSQL's log says of one database. */
export interface LogFacts {
  readonly statements: readonly LoggedStatement[]
  readonly troubles: readonly LoggedTrouble[]
}
