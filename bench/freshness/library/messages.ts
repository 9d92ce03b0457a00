import type { SubjectName } from './subjects/index.ts'

/** What a child process is told at its start, as JSON. */
export interface ChildSettings {
  readonly subject: SubjectName
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly keys: number
  readonly readers: number
  readonly writers: number
  /** Keys of one read: a tick of a DataLoader. */
  readonly batch: number
  /** Before each write, at most. */
  readonly writePauseMs: number
  /** No more is written than once for so many values read: what is cached has to live long enough to be hit. */
  readonly readsPerWrite: number
}

/** What a child is told later. */
export type Order =
  /** Kill yourself with SIGKILL after your next COMMIT, before its INVALIDATE. */
  | { type: 'die' }
  /** Deliver nothing for so long; of the deliverer alone. */
  | { type: 'delay'; forMs: number }
  | { type: 'stop' }
  /** Say what the cache says now. */
  | { type: 'look' }
  | { type: 'end' }

/** What a child tells. Times are of the machine's monotonic clock, which all processes share, in ms. */
export type Told =
  | { type: 'ready' }
  | Records
  | { type: 'stopped' }
  | { type: 'seen'; versions: (number | null)[] }

/** What happened since the last ones. */
export interface Records {
  readonly type: 'records'
  /** Of each value that was read: key, when its read began, version. */
  readonly reads: Float64Array
  /** Of each invalidation that was acknowledged: key, when, version. */
  readonly acknowledged: Float64Array
  /** Nothing that ended before this is still to be told. */
  readonly untilMs: number
  readonly loads: number
  readonly failedReads: number
  /** Committed, and the invalidation was not acknowledged: the event has to do it. */
  readonly lateWrites: number
}

/** The machine's monotonic clock. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6
