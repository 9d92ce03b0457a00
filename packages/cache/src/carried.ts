import { CacheContractError } from './errors.ts'
import { LONGEST_L1_BOUND_MS } from './l1/longest-bound.ts'

/**
 * The last sequences of other domains that a domain was told with its invalidations: `{ catalog: '1763...' }`.
 *
 * An outer level keeps them so that what it loads from an inner level is at least so new: the inner level's L1 answers only
 * when it knows all that happened up to that sequence.
 */
export type Carried = Readonly<Record<string, string>>

/** What a loader is told of the READ that it loads for. */
export interface LoadContext {
  /** The last sequences of inner domains of which this domain knows. */
  readonly carried: Carried
  /**
   * True: `carried` may lack some of what this domain was told, because its history was lost, or Redis can't be asked. Inner
   * levels must then answer without their L1; {@link atLeastOf} asks for that.
   */
  readonly unknown: boolean
}

/** No domain ever gets there (in microseconds: the year 2255), so no L1 does. */
const BEYOND_EVERY_SEQUENCE = String(Number.MAX_SAFE_INTEGER)

/**
 * What to ask of an inner domain, as `atLeast` of its reads: the sequence that it must have reached, or one that no L1
 * has reached if it is not known.
 */
export function atLeastOf({ carried, unknown }: LoadContext, domain: string): string | undefined {
  return unknown ? BEYOND_EVERY_SEQUENCE : carried[domain]
}

/** Knows for how long after a loss of history the carried sequences must count as unknown. */
export interface CarriedMemory {
  /** For a load that begins now, after this READ; undefined: Redis was not asked. */
  contextOf(reading: { readonly life: string; readonly carried: string } | undefined): LoadContext
}

/**
 * When a domain's history is lost, so is what it was told of inner levels: an inner L1 may still hold a row whose replacement
 * was acknowledged here, and nothing would ask for a newer one. It holds it for no longer than its bound, and the
 * invalidation was acknowledged before the new life began, which was before this process first met it. So a life counts
 * as unknown here for the longest bound that an L1 may have (twice that, for clocks that don't run alike). Only lengths
 * of time are compared, never clocks, and nothing has to be configured.
 */
export function createCarriedMemory(now: () => number = performance.now.bind(performance)): CarriedMemory {
  let life: string | undefined
  let knownFrom = Number.POSITIVE_INFINITY
  return {
    contextOf(reading) {
      if (!reading) return { carried: {}, unknown: true }
      if (reading.life !== life) {
        life = reading.life
        knownFrom = now() + 2 * LONGEST_L1_BOUND_MS
      }
      return { carried: parseCarried(reading.carried), unknown: now() < knownFrom }
    },
  }
}

/** @throws {@link CacheContractError} for what is not a domain and its sequence. */
export function checkCarried(carried: Carried): void {
  for (const [domain, sequence] of Object.entries(carried)) {
    if (!/^[a-z][a-z0-9-]*$/.test(domain) || !/^\d{1,16}$/.test(sequence)) {
      throw new CacheContractError(`Not a domain and its sequence: ${JSON.stringify([domain, sequence])}`)
    }
  }
}

/** As the scripts take it: `catalog 17 users 4`. */
export function formatCarried(carried: Carried): string {
  return Object.entries(carried)
    .map(([domain, sequence]) => `${domain} ${sequence}`)
    .join(' ')
}

export function parseCarried(text: string): Carried {
  if (text === '') return {}
  const words = text.split(' ')
  return Object.fromEntries(
    Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i]!, words[2 * i + 1]!]),
  )
}

/** Of each domain the highest sequence. */
export function highestCarried(all: readonly Carried[]): Carried {
  const highest: Record<string, string> = {}
  for (const carried of all) {
    for (const [domain, sequence] of Object.entries(carried)) {
      if (Number(sequence) > Number(highest[domain] ?? -1)) highest[domain] = sequence
    }
  }
  return highest
}
