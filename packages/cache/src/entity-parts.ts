import type { LoadContext } from './carried.ts'
import type { Filling, FillMode, FillResult, Reading, ReadMode } from './fence.ts'
import type { L1 } from './l1/l1.ts'
import type { CacheMetrics } from './metrics.ts'
import type { Reports } from './reports.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** What an entity asks of its cache. */
export interface EntityParts {
  readonly metrics: CacheMetrics
  readonly reports: Reports
  /** False: load without counting anything. */
  readonly enabled: boolean
  readonly maxTagsPerEntry: number
  /** Undefined when Redis can't be asked. */
  readonly read: (entries: readonly string[], mode: ReadMode) => Promise<Reading | undefined>
  /** Undefined when it failed. */
  readonly fill: (
    reading: Reading,
    fillings: readonly Filling[],
    mode: FillMode,
  ) => Promise<FillResult[] | undefined>
  /** Gives leases back. Never rejects. */
  readonly release: (entries: readonly string[], useless: boolean) => Promise<void>
  readonly waitingRoom: WaitingRoom
  /** The level in this process, begun with the first policy that wants it. */
  readonly l1: () => L1
  /** How long a reader waits for another process's load. */
  readonly leaseWaitMs: number
  /** How old a load of this process may be for a reader to wait for it. */
  readonly joinMs: number
  /** What a load that begins now is told; undefined: after no READ. */
  readonly contextOf: (reading: Reading | undefined) => LoadContext
  /** For work that no reader waits for, and that never rejects. */
  readonly inBackground: (work: Promise<void>) => void
}
