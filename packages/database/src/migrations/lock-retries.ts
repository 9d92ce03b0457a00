import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** It didn't get a lock in time, or gave way in a deadlock: nothing was changed, and later it may work. */
const RETRIED: Readonly<Record<string, string>> = {
  '55P03': 'another transaction holds a lock that it needs',
  '40P01': 'it and another transaction waited for each other',
}

/**
 * Runs a step until it gets its locks.
 *
 * @throws what the step throws for other reasons, or still throws when `patienceMs` is over; or the signal's reason
 */
export async function withLockRetries<Result>(
  step: () => Promise<Result>,
  {
    patienceMs,
    onRetry,
    signal,
  }: { patienceMs: number; onRetry: (reason: string) => void; signal?: AbortSignal },
): Promise<Result> {
  const deadline = performance.now() + patienceMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await step()
    } catch (error) {
      const reason = RETRIED[codeOf(error) ?? '']
      if (reason === undefined) throw error
      // Half of it at random: what it collides with may come in a rhythm.
      const nextMs = pauseMs * (0.5 + Math.random() / 2)
      if (performance.now() + nextMs > deadline) {
        const seconds = Math.round(patienceMs / 1_000)
        const message = `${reason}, for ${seconds} s; end the transaction that is open for so long (pg_stat_activity), and migrate again`
        throw new Error(message, { cause: error })
      }
      onRetry(reason)
      await sleep(nextMs, undefined, { signal })
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
