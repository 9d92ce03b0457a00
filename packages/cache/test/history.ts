import { setTimeout as sleep } from 'node:timers/promises'

/** What is put to the test: one process' view of a cache. */
export interface CacheUnderTest {
  readonly get: (key: string, load: () => Promise<number>, atLeast?: string) => Promise<number>
  /** Resolves, with the sequence if it has one, when it is acknowledged. */
  readonly invalidate: (key: string) => Promise<string | undefined>
}

export interface History {
  reads: number
  loads: number
  writes: number
  /**
   * Reads that returned a version older than one that was acknowledged before they began; `boundMs` before, if they did not
   * ask for a sequence.
   */
  violations: number
  /** Writes whose invalidation was not acknowledged in time: nobody may expect them yet. */
  unacknowledged: number
  /** Those of the reads that would have been violations without the bound. */
  behind: number
}

/**
 * Readers and writers over a "database" of versions that only rise, with loads that are slow before and after their
 * snapshot: what a reader loaded is often replaced before it can be stored.
 */
export async function runHistory(
  caches: readonly CacheUnderTest[],
  options: {
    readers: number
    writers: number
    keys: number
    /** As long as it takes for so many writes ... */
    writes: number
    /** ... and until this resolves. */
    until?: Promise<unknown>
    /** How late an acknowledged write may be noticed. Default 0: not at all. */
    boundMs?: number
  },
): Promise<History> {
  const keys = Array.from({ length: options.keys }, (_, i) => String(i))
  const committed = new Map(keys.map((key) => [key, 1]))
  /** Of each key: which version was acknowledged when, and the sequence of that. */
  const acknowledged = new Map(
    keys.map((key) => [key, [{ version: 1, at: 0, sequence: undefined as string | undefined }]]),
  )
  const history: History = { reads: 0, loads: 0, writes: 0, violations: 0, unacknowledged: 0, behind: 0 }
  const boundMs = options.boundMs ?? 0
  const randomKey = () => keys[Math.floor(Math.random() * keys.length)]!
  const pause = (mostMs: number) => sleep(Math.random() * mostMs)
  let isReleased = false
  const released = Promise.resolve(options.until).finally(() => {
    isReleased = true
  })
  const isOver = () => isReleased && history.writes >= options.writes

  async function load(key: string): Promise<number> {
    history.loads++
    await pause(3)
    const snapshot = committed.get(key)!
    await pause(10)
    return snapshot
  }
  async function reader(cache: CacheUnderTest): Promise<void> {
    while (!isOver()) {
      const key = randomKey()
      const known = acknowledged.get(key)!
      const strictly = known.at(-1)!
      // Every fourth asks for all that is known to be acknowledged.
      const atLeast = Math.random() < 0.25 ? strictly.sequence : undefined
      const latest = performance.now() - boundMs
      const expected = atLeast ? strictly : known.findLast(({ at }) => at <= latest)!
      const version = await cache.get(key, () => load(key), atLeast)
      history.reads++
      if (version < expected.version) history.violations++
      if (version < strictly.version) history.behind++
      // What comes from memory would keep everything else waiting.
      await new Promise(setImmediate)
    }
  }
  async function writer(cache: CacheUnderTest): Promise<void> {
    while (!isOver()) {
      await pause(20)
      const key = randomKey()
      const version = committed.get(key)! + 1
      committed.set(key, version)
      await pause(2)
      history.writes++
      const acknowledgement = await acknowledgementOf(cache.invalidate(key))
      if (!acknowledgement) {
        history.unacknowledged++
        continue
      }
      const { sequence } = acknowledgement
      const known = acknowledged.get(key)!
      // Of two writers of one key the later version may be acknowledged first.
      if (version > known.at(-1)!.version) known.push({ version, at: performance.now(), sequence })
    }
  }
  const cacheOf = (i: number) => caches[i % caches.length]!
  await Promise.all([
    released,
    ...Array.from({ length: options.readers }, (_, i) => reader(cacheOf(i))),
    ...Array.from({ length: options.writers }, (_, i) => writer(cacheOf(i))),
  ])
  return history
}

async function acknowledgementOf(invalidation: Promise<string | undefined>) {
  try {
    return { sequence: await invalidation }
  } catch (error) {
    if ((error as { code?: string }).code === 'CACHE_UNAVAILABLE') return undefined
    throw error
  }
}
