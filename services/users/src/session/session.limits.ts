import { createHash } from 'node:crypto'
import type { RedisClient } from '@freshet/redis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'

export interface SignInLimitSettings {
  /** Tries for one e-mail address within the window; a right password forgets them. */
  readonly triesPerAccount: number
  readonly windowSeconds: number
  /** Password checks (sign-ins and sign-ups together) of all processes of this service in a minute. */
  readonly triesPerMinute: number
}

/** The limits can't be looked up. */
export class LimitStoreError extends Error {
  override readonly name = 'LimitStoreError'
  readonly code = 'LIMIT_STORE_UNAVAILABLE'
}

export type SignInLimits = ReturnType<typeof createSignInLimits>

/**
 * How often passwords may be tried. A try is counted before the password is looked at, or many tries
 * at the same time would all be free.
 *
 * When Redis is out of reach the limits fail closed: a sign-in could not store its session then anyway,
 * and guessing must not become free by an outage. Counters have a TTL and may be evicted under memory
 * pressure, which forgives some tries early.
 *
 * An address that nobody has is counted like any other: being limited says nothing about existence. The
 * other side of the limit: whoever knows an address can keep its owner from signing in for a window;
 * open sessions are not touched by it.
 */
export function createSignInLimits(redis: RedisClient, settings: SignInLimitSettings) {
  const ofAccount = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: '{users}:limit:sign-in',
    points: settings.triesPerAccount,
    duration: settings.windowSeconds,
  })
  const ofService = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: '{users}:limit:passwords',
    points: settings.triesPerMinute,
    duration: 60,
  })

  return {
    /** Seconds to wait, or null to go on. */
    async trySignIn(email: string): Promise<number | null> {
      // The account's first: an address under attack must not use up everybody's tries.
      return (await consume(ofAccount, keyOf(email))) ?? (await consume(ofService, 'all'))
    },

    /** Seconds to wait, or null to go on. */
    trySignUp: (): Promise<number | null> => consume(ofService, 'all'),

    /** The password was right. Best effort: what is not forgotten now expires by itself. */
    async forgive(email: string): Promise<void> {
      await ofAccount.delete(keyOf(email)).catch(() => false)
    },
  }
}

/** Addresses are not written into Redis: keys appear in monitors and dumps. */
const keyOf = (email: string): string => createHash('sha256').update(email).digest('base64url')

async function consume(limiter: RateLimiterRedis, key: string): Promise<number | null> {
  try {
    await limiter.consume(key)
    return null
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
    throw new LimitStoreError('the sign-in limits can not be looked up', { cause: refusal })
  }
}
