import { availableParallelism } from 'node:os'
import { hash, parseOptions, verify } from '@node-rs/argon2'

export interface PasswordSettings {
  /** Memory of one hash in KiB. OWASP's first choice: 19,456 with 2 passes. */
  readonly memoryKib: number
  readonly passes: number
}

/** More hashes are waiting than will be done in a reasonable time. */
export class PasswordQueueFullError extends Error {
  override readonly name = 'PasswordQueueFullError'
  readonly code = 'PASSWORD_QUEUE_FULL'
}

export type Passwords = Awaited<ReturnType<typeof createPasswords>>

/** Hashes that may wait for their turn; at 20-40 ms each, the last one waits a few seconds. */
const LONGEST_QUEUE = 100

/**
 * Argon2id (OWASP Password Storage Cheat Sheet), on libuv's threads, away from the event loop.
 *
 * At most one hash per core runs: more would only take memory (19 MiB each) and the threads that
 * DNS and files need. What waits is bounded too, so that a flood of sign-ins is refused, not hoarded.
 */
export async function createPasswords({ memoryKib, passes }: PasswordSettings) {
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 }
  const inTurn = createTurnstile(availableParallelism(), LONGEST_QUEUE)
  // Stands in for the hash of an account that doesn't exist: the same work, and never a match.
  const decoy = await hash(crypto.randomUUID(), options)

  return {
    /** A PHC string: algorithm, parameters, salt and hash in one. */
    hash: (password: string): Promise<string> => inTurn(() => hash(canonical(password), options)),

    /** `stored` null (no such account) takes as long as a wrong password does, and is never right. */
    async matches(stored: string | null, password: string): Promise<boolean> {
      const right = await inTurn(() => verify(stored ?? decoy, canonical(password)))
      return right && stored !== null
    },

    /** Whether the hash was made with other parameters than today's. */
    isOutdated(stored: string): boolean {
      const used = parseOptions(stored)
      return used.memoryCost !== memoryKib || used.timeCost !== passes || used.parallelism !== 1
    },
  }
}

/** The same letters typed on another keyboard or system are the same password (NIST SP 800-63B, NFKC). */
const canonical = (password: string): string => password.normalize('NFKC')

function createTurnstile(width: number, longestQueue: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting.length >= longestQueue)
      throw new PasswordQueueFullError('too many password hashes are waiting')
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      // The place is handed on, not freed: nobody slips in between.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
