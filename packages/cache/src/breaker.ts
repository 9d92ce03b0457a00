/** Stops asking a Redis that does not answer, so that its timeout isn't added to every request. */
export interface Breaker {
  /** False: don't ask. While open, one caller in each `openMs` is let through to try. */
  allows(): boolean
  succeeded(): void
  failed(): void
}

/**
 * Opens after `threshold` failures in a row and stays open until a try succeeds.
 *
 * Not cockatiel's: this stands before every single read, and all it needs is two numbers.
 */
export function createBreaker({
  threshold,
  openMs,
  now = performance.now.bind(performance),
}: {
  threshold: number
  openMs: number
  /** Milliseconds of a monotonic clock. */
  now?: () => number
}): Breaker {
  let failures = 0
  let nextTry = 0
  return {
    allows() {
      if (failures < threshold) return true
      if (now() < nextTry) return false
      nextTry = now() + openMs
      return true
    },
    succeeded() {
      failures = 0
    },
    failed() {
      failures++
      nextTry = now() + openMs
    },
  }
}
