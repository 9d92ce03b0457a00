/** What is known of a key at some time: from then on a read returns this version, or a newer one. */
interface Mark {
  readonly atMs: number
  readonly version: number
}

/** How old an answer was. */
export interface Staleness {
  /** The least version that it should have had. */
  readonly required: number
  /** Since the first newer version was known until the read began. */
  readonly staleMs: number
}

/** Which versions of which keys were known when. All times are of one monotonic clock, in ms. */
export interface VersionHistory {
  /** In any order of times and versions; those that say nothing new are forgotten. */
  note(key: string, version: number, atMs: number): void
  /** What was required of a read that began then; null when nothing was. A version noted in that very moment is not. */
  required(key: string, beganAtMs: number): number | null
  /** How stale a read's version was; null when it was new enough. */
  staleness(key: string, version: number, beganAtMs: number): Staleness | null
}

/** A history of acknowledged (or of seen) versions, which reads are checked against. */
export function createVersionHistory(): VersionHistory {
  /** Of each key in the order of time, and so of versions. */
  const known = new Map<string, Mark[]>()

  /** The last mark before a moment: its index, -1 if there is none. */
  function lastBefore(marks: readonly Mark[], atMs: number): number {
    let [low, high] = [0, marks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (marks[middle]!.atMs < atMs) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  return {
    note(key, version, atMs) {
      const marks = known.get(key) ?? []
      if (marks.length === 0) known.set(key, marks)
      // Almost always at the end. What is told late (by another process) goes where it belongs.
      let at = marks.length
      while (at > 0 && marks[at - 1]!.atMs > atMs) at--
      if (at > 0 && marks[at - 1]!.version >= version) return
      let overtaken = 0
      while (at + overtaken < marks.length && marks[at + overtaken]!.version <= version) overtaken++
      marks.splice(at, overtaken, { atMs, version })
    },
    required(key, beganAtMs) {
      const marks = known.get(key) ?? []
      return marks[lastBefore(marks, beganAtMs)]?.version ?? null
    },
    staleness(key, version, beganAtMs) {
      const marks = known.get(key) ?? []
      const last = lastBefore(marks, beganAtMs)
      if (last === -1 || marks[last]!.version <= version) return null
      let first = last
      while (first > 0 && marks[first - 1]!.version > version) first--
      return { required: marks[last]!.version, staleMs: beganAtMs - marks[first]!.atMs }
    },
  }
}
