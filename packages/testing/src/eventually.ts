/**
 * Calls `attempt` until it no longer throws, and returns what it returned; after the deadline rejects with its last
 * error. For what becomes true in its own time: never sleep a fixed time instead. The deadline (default 30 s) is for what
 * never becomes true: generous, for on a busy machine everything takes its time.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 20 } = options
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs))
  }
}
