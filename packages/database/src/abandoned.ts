import { AsyncLocalStorage } from 'node:async_hooks'
import { meter } from '@freshet/telemetry'

/** A statement was not begun, because nobody waits for its result any more; see {@link whileWanted}. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError'
  readonly code = 'ABANDONED'

  constructor(cause: unknown) {
    super('Nobody waits for the result of this statement any more', { cause })
  }
}

const waiting = new AsyncLocalStorage<AbortSignal>()

/**
 * Runs `work`, and begins no statement and no transaction for it once `signal` is aborted: they reject with
 * {@link AbandonedError}. What runs is not cut off, and a transaction that is open goes on to its end. What others
 * share with this work (a cache's load, say) may fail by it, and is to be done again by those who still wait.
 */
export function whileWanted<Result>(signal: AbortSignal, work: () => Result): Result {
  return waiting.run(signal, work)
}

/** Called before a connection is taken for a statement, and again when it was waited for. */
export function createAbandonment(service: string) {
  const dropped = meter('@freshet/database').createCounter('freshet.database.abandoned', {
    description: 'Statements and transactions that were not begun, because nobody waited for them any more.',
  })
  return {
    /** @throws AbandonedError */
    check(): void {
      const signal = waiting.getStore()
      if (!signal?.aborted) return
      dropped.add(1, { service })
      throw new AbandonedError(signal.reason)
    },
  }
}
