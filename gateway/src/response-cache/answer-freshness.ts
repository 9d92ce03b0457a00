import type { CommittedWrite } from './committed-write.ts'

/** Until when, for whom, and as long as which tags are untouched something may be used again. */
export interface Freshness {
  /** Unix milliseconds. Ages only: what was replaced is ended by its tags, not by clocks. */
  readonly expiresAt: number
  /** Null: the same for everybody. Else whose it is (audience.ts). */
  readonly audience: string | null
  /** As the gateway's domain names them. */
  readonly tags: readonly string[]
}

/**
 * What a whole answer depends on: gathered from the fetches that it was made of, while its plan runs. Nothing may be
 * forgotten, so one fetch that says nothing of itself makes the whole answer one that is not stored.
 */
export interface AnswerFreshness {
  /** A part of the answer that may be used again, within this. */
  dependOn(part: Freshness): void
  /** A part that may not be used again. */
  forbid(): void
  /** How many representations and root fetches came from the cache, and how many from a subgraph. */
  readonly fetches: { hits: number; misses: number }
  /** What this request's mutation has written. */
  readonly written: CommittedWrite[]
  /** Whether some cache has not acknowledged yet that it was replaced. */
  isLate: boolean
  /** Of the whole; undefined when it must not be stored. */
  whole(): Freshness | undefined
}

/** For one request, without any part yet. */
export function createAnswerFreshness(): AnswerFreshness {
  let expiresAt = Number.POSITIVE_INFINITY
  let audience: string | null = null
  let forbidden = false
  const tags = new Set<string>()
  return {
    fetches: { hits: 0, misses: 0 },
    written: [],
    isLate: false,
    dependOn(part) {
      expiresAt = Math.min(expiresAt, part.expiresAt)
      audience ??= part.audience
      // A request has one viewer: parts of two of them can't have come together by right.
      if (part.audience !== null && part.audience !== audience) forbidden = true
      for (const tag of part.tags) tags.add(tag)
    },
    forbid() {
      forbidden = true
    },
    whole() {
      // Without any fetch it is about the schema alone: cheap to make, and not ours to keep.
      if (forbidden || expiresAt === Number.POSITIVE_INFINITY || expiresAt <= Date.now()) return undefined
      return { expiresAt, audience, tags: [...tags] }
    },
  }
}
