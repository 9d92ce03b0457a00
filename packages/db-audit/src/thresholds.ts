/**
 * From where on something is a finding. Fixed, so that two audits can be compared; each has its reason. What depends
 * on a server's size is given as a share.
 */
export const thresholds = {
  /** Rows. Below, PostgreSQL reads a whole table in a few milliseconds, and an index gains nothing that is felt. */
  largeTable: 10_000,
  /** Blocks read for each row that is given, and from how many on: rows are looked at and thrown away. */
  blocksPerRow: 10,
  wastedBlocks: 200,
  /** Calls since the statistics began. Below, it was a migration or an operator. */
  regularCalls: 5,
  /** Statements that read a table without using an index of it: enough to say that nothing here needs it. */
  unusedAfterReads: 1_000,
  /** Seconds for which they must have been counted, and the index have been there: what runs once a week has run. */
  unusedAfterSeconds: 8 * 86_400,
  /** Rows. Below, the planner uses no index, however good. */
  usableIndex: 1_000,
  /** How many statements of the most total time are explained: behind them comes next to nothing. */
  explainedStatements: 200,
  /** The share of a table's rows that a condition leaves: with an index of it, no plan would read all of them. */
  selective: 0.01,
  /** By how much an index must lower the planner's cost: what it costs each write has to be earned. */
  indexGain: 5,
  /** Milliseconds; where auto_explain begins to log plans. */
  slowStatement: 250,
  /** Slow ones in the log before it is a habit. */
  slowTimes: 3,
  /** Bytes of temporary files a call: work_mem was too small for the sort or the hash. */
  spill: 1_000_000,
  /** Rows a call: more than anybody shows on a page. */
  rowsPerCall: 10_000,
  /** Equal statements within one trace: batches of a depth of some levels stay far below. */
  repeatedInTrace: 10,
  /** The share of a cost by which a plan must have grown since the baseline. */
  costGrowth: 3,
  /** The same where an index is gone that the plan was by: less is what another index that stands in for it may cost. */
  lostIndexGrowth: 1.2,
  /** How much more dead rows (or changed ones) than autovacuum's own trigger: it does not follow. */
  overdueVacuum: 2,
  /** Seconds since a table was vacuumed: some turns of autovacuum, which comes once a minute. */
  freshVacuum: 300,
  /** Seconds since a table was analyzed; before, autovacuum had no turn, and PostgreSQL may still count older changes. */
  freshStatistics: 600,
  /** Rows; below, neither dead rows nor old statistics cost anything. */
  overdueRows: 10_000,
  /** How much larger than its rows need a table or an index must be, and from how many bytes on. */
  bloatFactor: 3,
  bloatTableBytes: 4_000_000,
  bloatIndexBytes: 1_000_000,
  /** The share of autovacuum_freeze_max_age. At 1 a vacuum is forced; well above it, none gets through. */
  freezeAge: 1.5,
  /** The share of a sequence's (or its column's) numbers that are used up: time for a change of type on a large table. */
  sequenceUsed: 0.5,
  /** The share of rows that are newer than the materialized view of them. */
  newerThanView: 0.1,
  /** Seconds; half of the 10 s after which services' own transactions are ended. */
  idleInTransaction: 5,
  /** Seconds; services' statements are cancelled after 4. */
  longStatement: 5,
  /** Seconds between a wait for a lock and the end of its statement, if that was cancelled: what no statement outlasts. */
  longestStatement: 60,
  /** Seconds in one transaction, whatever it sends: services' take milliseconds, and a batch of a job a few seconds. */
  longTransaction: 15,
  /** Connections of one program, all of them busy: the default size of a service's pool. */
  busyPool: 10,
  /** The same where some of them wait for locks: fewer are somebody's two sessions. */
  waitingPool: 4,
  /** The share of max_connections. */
  connections: 0.8,
  /** The share of blocks found in memory, and from how many reads on it says anything. */
  hitRatio: 0.9,
  tableReads: 5_000,
  databaseReads: 100_000,
  /** Days for which a partition must be there beforehand. */
  partitionsAheadDays: 7,
} as const
