import { createReasons, type Reasons } from './reasons.ts'

/** What became of a write, as its client knows it. A write that throws may or may not have happened. */
export type WriteOutcome =
  /** It is done, and it is this version. `value` is what was written, if answers show it. */
  | { readonly outcome: 'acknowledged'; readonly version: number; readonly value?: number }
  /**
   * It is done, and whoever did it says that not every cache knows yet: nobody is required to see it, until it is settled.
   */
  | { readonly outcome: 'late'; readonly version: number; readonly value?: number }
  /** It has not happened and will not. */
  | { readonly outcome: 'refused' }

/** The writes of a run: which may have happened by now, and which keys they leave in doubt. */
export function createWriteLog(now: () => number) {
  const keys = new Map<string, KeyWrites>()
  const counts = { acknowledged: 0, late: 0, refused: 0, unknown: 0 }
  const reasons = createReasons()

  function of(key: string): KeyWrites {
    const known = keys.get(key) ?? {
      begun: 0,
      inFlight: 0,
      lastEndedAtMs: 0,
      doubtUntilMs: 0,
      values: new Map(),
    }
    keys.set(key, known)
    return known
  }

  return {
    counts,
    /** Of those whose outcome is unknown. */
    reasons: (): Reasons => reasons.result(),
    /** Runs a write. Returns its outcome, or undefined when nobody can know it. */
    async run(key: string, write: () => Promise<WriteOutcome>): Promise<WriteOutcome | undefined> {
      const writes = of(key)
      writes.begun++
      writes.inFlight++
      try {
        const result = await write()
        counts[result.outcome]++
        if (result.outcome === 'late') writes.doubtUntilMs = now() + LATEST_EFFECT_MS
        if (result.outcome !== 'refused' && result.value !== undefined) {
          writes.values.set(result.version, result.value)
        }
        return result
      } catch (error) {
        // Whatever it was: it is counted, and what it may have done is taken into account.
        counts.unknown++
        reasons.add(error)
        writes.doubtUntilMs = now() + LATEST_EFFECT_MS
        return undefined
      } finally {
        writes.inFlight--
        writes.lastEndedAtMs = now()
      }
    },
    /** How many writes of a key may have happened: each makes one new version. */
    begun: (key: string) => of(key).begun,
    /** Whether the key may have changed since then. */
    mayHaveChanged(key: string, sinceMs: number): boolean {
      const { inFlight, lastEndedAtMs, doubtUntilMs } = of(key)
      return inFlight > 0 || lastEndedAtMs >= sinceMs || doubtUntilMs >= sinceMs
    },
    /** What a version was written with; undefined when its writer never learned of it. */
    valueOf: (key: string, version: number) => of(key).values.get(version),
  }
}

export type WriteLog = ReturnType<typeof createWriteLog>

interface KeyWrites {
  begun: number
  inFlight: number
  lastEndedAtMs: number
  /** What is unknown, or late, may take effect somewhere until then. */
  doubtUntilMs: number
  readonly values: Map<number, number>
}

/** Longer than any deadline on a write's way, and than an invalidation that is repeated takes. */
const LATEST_EFFECT_MS = 15_000
