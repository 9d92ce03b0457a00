/** Waits, at most until the signal says stop. Never throws. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', finish, { once: true })
  })
}

/** True when the promise settled in time. A part that hangs must not keep the process from closing. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const stop = new AbortController()
  const settled = promise.then(
    () => true,
    () => true,
  )
  const result = await Promise.race([settled, wait(ms, stop.signal).then(() => false)])
  stop.abort()
  return result
}

/** Exponential, with jitter so that many don't come back at once: attempt 1 gives 50-100 % of `baseMs`. */
export function backoff(attempt: number, baseMs: number, maxMs: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30))
  return full / 2 + (Math.random() * full) / 2
}
