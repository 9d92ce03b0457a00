const POLL_MS = 250
/** Who waits for no longer needn't be told why. */
export const SILENT_MS = 1_000

/**
 * Tells of each session that a migration waits for, once, when it has done so for a second: at once, or again and again with
 * its tries.
 *
 * @param find who is waited for right now: a person's words for each process of the server
 * @returns ends it
 */
export function watchBlockers(options: {
  find: () => Promise<ReadonlyMap<number, string>>
  tell: (session: string) => void
}): () => void {
  const firstSeenMs = new Map<number, number>()
  const told = new Set<number>()
  let isLooking = false

  async function look(): Promise<void> {
    for (const [pid, session] of await options.find()) {
      const now = performance.now()
      const sinceMs = firstSeenMs.get(pid) ?? now
      firstSeenMs.set(pid, sinceMs)
      if (now - sinceMs < SILENT_MS || told.has(pid)) continue
      told.add(pid)
      options.tell(session)
    }
  }
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    // Where that fails the server is gone, and the migration says so.
    void look()
      .catch(() => {})
      .finally(() => {
        isLooking = false
      })
  }, POLL_MS)
  return () => clearInterval(timer)
}
