import type { Baseline } from '../baseline.ts'
import type { LogFacts } from '../log/log-facts.ts'
import type { ExplainedStatement, NotExplained } from '../plans/explained.ts'
import type { ActivityFacts } from './activity.ts'
import type { ForeignKeyFacts, UncheckedFacts } from './constraints.ts'
import type { IndexFacts } from './indexes.ts'
import type { LeftOutFacts } from './lock-watch.ts'
import type { PartitionedFacts } from './partitions.ts'
import type { NumberedKeyFacts, SequenceFacts } from './sequences.ts'
import type { StatementFacts } from './statements.ts'
import type { StatisticsFacts } from './statistics.ts'
import type { TableFacts } from './tables.ts'
import type { ViewFacts } from './views.ts'

/** All that the checks judge by. Reading it changes nothing; judging it reads nothing. */
export interface Facts extends ActivityFacts {
  readonly database: string
  readonly at: Date
  readonly tables: readonly TableFacts[]
  readonly indexes: readonly IndexFacts[]
  readonly foreignKeys: readonly ForeignKeyFacts[]
  readonly unchecked: readonly UncheckedFacts[]
  readonly partitioned: readonly PartitionedFacts[]
  readonly views: readonly ViewFacts[]
  readonly sequences: readonly SequenceFacts[]
  readonly numberedKeys: readonly NumberedKeyFacts[]
  /** The statements of the most total time first. */
  readonly statements: readonly StatementFacts[]
  readonly statistics: StatisticsFacts
  /** The plans of statements, those that the log shows included. */
  readonly plans: readonly ExplainedStatement[]
  /** Those that have no plan, though they should. */
  readonly notExplained: readonly NotExplained[]
  /** Of these tables nothing else is here, but their names. */
  readonly leftOut: readonly LeftOutFacts[]
  /** Why no table, index, constraint, view or sequence could be read; else null. */
  readonly unread: string | null
  readonly log: LogFacts | null
  readonly baseline: Baseline | null
}
