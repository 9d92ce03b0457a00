import { createVersionHistory } from './version-history.ts'
import type { WriteLog } from './writes.ts'

/** One versioned thing in an answer. */
export interface Observation {
  readonly key: string
  readonly version: number
  /** What was written with that version, if the answer shows it. */
  readonly value?: number
}

/** What a read returned. */
export interface ReadAnswer {
  readonly observations: readonly Observation[]
  /** The values must not rise from one observation to the next: a list that is sorted by them. */
  readonly descending?: boolean
  /** The header of RFC 9211, if there is one. */
  readonly cacheStatus?: string | null
  /** Anything else that is wrong: somebody else's data, say. */
  readonly problems?: readonly string[]
}

/** One way of asking for a versioned thing. */
export interface ReadShape {
  readonly name: string
  /** @param door one of the run's, where the question is put. @throws when it is not answered: that is no violation */
  read(door: string, key: string): Promise<ReadAnswer>
}

/**
 * What an answer may be guilty of:
 * - `stale`: older than what was acknowledged before the read began;
 * - `future`: newer than anything that was written;
 * - `torn`: a version with another version's value;
 * - `order`: a sorted list in an order that nothing written since can explain;
 * - `content`: what the read itself found.
 */
export type ViolationKind = 'stale' | 'future' | 'torn' | 'order' | 'content'

/** Something that must never be. */
export interface Violation {
  readonly kind: ViolationKind
  readonly key: string | null
  readonly detail: string
  /** Of a stale one. */
  readonly staleMs?: number
}

/** Reads that began after a version was seen and returned an older one, whether or not its writer ever learned of it. */
export interface Behind {
  reads: number
  worstMs: number
}

/** Decides about answers, by what was acknowledged and what may have been written. */
export function createJudge(writes: WriteLog, baseVersions: ReadonlyMap<string, number>) {
  const acknowledged = createVersionHistory()
  const seen = createVersionHistory()
  const behind: Behind = { reads: 0, worstMs: 0 }

  function judge({ key, version, value }: Observation, beganAtMs: number): Violation[] {
    const violations: Violation[] = []
    const stale = acknowledged.staleness(key, version, beganAtMs)
    if (stale) {
      const detail = `version ${version}, although ${stale.required} was acknowledged`
      violations.push({ kind: 'stale', key, detail, staleMs: stale.staleMs })
    }
    const most = (baseVersions.get(key) ?? 0) + writes.begun(key)
    if (version > most)
      violations.push({ kind: 'future', key, detail: `version ${version} of at most ${most}` })
    const written = writes.valueOf(key, version)
    if (value !== undefined && written !== undefined && value !== written) {
      const detail = `version ${version} with the value ${value}, written with ${written}`
      violations.push({ kind: 'torn', key, detail })
    }
    return violations
  }

  function judgeOrder(answer: ReadAnswer, beganAtMs: number): Violation[] {
    const still = answer.observations.filter(
      ({ key, value }) => value !== undefined && !writes.mayHaveChanged(key, beganAtMs),
    )
    return still.flatMap((one, index) => {
      const before = still[index - 1]
      if (before === undefined || before.value! >= one.value!) return []
      const detail = `${before.value} stands before ${one.value} (${one.key}), and neither was being written`
      return [{ kind: 'order' as const, key: before.key, detail }]
    })
  }

  return {
    behind,
    acknowledge(key: string, version: number, atMs: number): void {
      acknowledged.note(key, version, atMs)
      seen.note(key, version, atMs)
    },
    /** Somebody has it; others may not. */
    saw(key: string, version: number, atMs: number): void {
      seen.note(key, version, atMs)
    },
    /** What is wrong with an answer; empty when nothing is. */
    judge(answer: ReadAnswer, beganAtMs: number, endedAtMs: number): Violation[] {
      const lags = answer.observations.flatMap(
        ({ key, version }) => seen.staleness(key, version, beganAtMs)?.staleMs ?? [],
      )
      if (lags.length > 0) behind.reads++
      behind.worstMs = Math.max(behind.worstMs, ...lags)
      for (const { key, version } of answer.observations) seen.note(key, version, endedAtMs)
      return [
        ...answer.observations.flatMap((observation) => judge(observation, beganAtMs)),
        ...(answer.descending ? judgeOrder(answer, beganAtMs) : []),
        ...(answer.problems ?? []).map((detail) => ({ kind: 'content' as const, key: null, detail })),
      ]
    },
  }
}
