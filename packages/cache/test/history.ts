import { setTimeout as sleep } from 'node:timers/promises'

/** What is put to the test: one process' view of a cache. */
export interface CacheUnderTest {
  get(key: string, load: () => Promise<number>): Promise<number>
  /** Resolves when it is acknowledged. */
  invalidate(key: string): Promise<unknown>
}

export interface History {
  reads: number
  loads: number
  writes: number
  /** Reads that returned a version older than one that was acknowledged before they began. */
  violations: number
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
    durationMs: number
  },
): Promise<History> {
  const keys = Array.from({ length: options.keys }, (_, i) => String(i))
  const committed = new Map(keys.map((key) => [key, 1]))
  const acknowledged = new Map(keys.map((key) => [key, 1]))
  const history: History = { reads: 0, loads: 0, writes: 0, violations: 0 }
  const end = performance.now() + options.durationMs
  const randomKey = () => keys[Math.floor(Math.random() * keys.length)]!
  const pause = (mostMs: number) => sleep(Math.random() * mostMs)

  async function load(key: string): Promise<number> {
    history.loads++
    await pause(3)
    const snapshot = committed.get(key)!
    await pause(10)
    return snapshot
  }
  async function reader(cache: CacheUnderTest): Promise<void> {
    while (performance.now() < end) {
      const key = randomKey()
      const expected = acknowledged.get(key)!
      const version = await cache.get(key, () => load(key))
      history.reads++
      if (version < expected) history.violations++
    }
  }
  async function writer(cache: CacheUnderTest): Promise<void> {
    while (performance.now() < end) {
      await pause(20)
      const key = randomKey()
      const version = committed.get(key)! + 1
      committed.set(key, version)
      await pause(2)
      await cache.invalidate(key)
      history.writes++
      acknowledged.set(key, Math.max(acknowledged.get(key)!, version))
    }
  }
  const cacheOf = (i: number) => caches[i % caches.length]!
  await Promise.all([
    ...Array.from({ length: options.readers }, (_, i) => reader(cacheOf(i))),
    ...Array.from({ length: options.writers }, (_, i) => writer(cacheOf(i))),
  ])
  return history
}
