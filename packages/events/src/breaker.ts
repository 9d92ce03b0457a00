import { BusUnavailableError } from './bus.ts'

/**
 * Lets callers with a deadline fail at once while Kafka is known to fail: after a failure nobody with a deadline is
 * let through for `restMs`, then one at a time until one succeeds. Callers without a deadline always pass; how they
 * fare is told to the others.
 */
export function createBreaker(restMs = 1000) {
  let failed = false
  let restsUntil = 0
  let probing = false

  async function watched(run: () => Promise<void>): Promise<void> {
    try {
      await run()
      failed = false
    } catch (error) {
      // Any other error is an answer of Kafka's.
      failed = error instanceof BusUnavailableError
      restsUntil = Date.now() + restMs
      throw error
    }
  }

  return {
    async run(work: (signal?: AbortSignal) => Promise<void>, deadlineMs?: number): Promise<void> {
      if (deadlineMs === undefined) return watched(work)
      if (failed && (probing || Date.now() < restsUntil)) {
        throw new BusUnavailableError('it failed a moment ago')
      }
      const isProbe = failed
      probing ||= isProbe
      try {
        await watched(() => within(deadlineMs, work))
      } finally {
        if (isProbe) probing = false
      }
    },
  }
}

/** Work that goes on after its deadline is told so by the signal; what becomes of it is of no interest. */
async function within(ms: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const over = new AbortController()
  const timer = setTimeout(() => {
    over.abort()
    late.reject(new BusUnavailableError(`no acknowledgement within ${ms} ms`))
  }, ms)
  try {
    await Promise.race([work(over.signal), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
