/** Redis did not answer in time. */
export class DeadlineError extends Error {
  readonly code = 'CACHE_DEADLINE'
  constructor(timeoutMs: number) {
    super(`Redis did not answer within ${timeoutMs} ms`)
    this.name = 'DeadlineError'
  }
}

/**
 * `work`, or a {@link DeadlineError} after `timeoutMs`. The work goes on, but nobody waits for it any more.
 *
 * When the event loop was blocked for longer than the deadline, its timers run before its sockets are read,
 * and an answer that arrived long ago would count as late: so the timer lets the sockets be read once more.
 */
export function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new DeadlineError(timeoutMs))), timeoutMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
