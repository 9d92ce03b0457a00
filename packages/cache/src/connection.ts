import type { Redis, RedisOptions } from 'ioredis'
import { createBreaker } from './breaker.ts'
import { withDeadline } from './deadline.ts'
import type { Fence } from './fence.ts'
import type { CacheMetrics } from './metrics.ts'
import type { Reports } from './reports.ts'

/**
 * Decides when Redis may be asked and when its answer may be trusted.
 *
 * Each (re)connection is *verified* first: if the Redis behind it is not the one that the fence remembers
 * (restarted from an older snapshot, or a replica that took over), acknowledged invalidations may be missing
 * there, and a new life is begun. Until that is done, nothing that it says is used.
 */
export interface Connection {
  /** The run id of the verified Redis; '' before. */
  runId(): string
  /**
   * The command's answer within the deadline, or undefined if Redis can't be asked now, fails, or reconnected
   * meanwhile (ioredis resends: the answer could come from a Redis that is not verified). Never rejects.
   */
  ask<T>(operation: 'read' | 'fill', command: () => Promise<T>): Promise<T | undefined>
  /** The present trust, as an identity: what was built on one is worth nothing under another. */
  trust(): object | undefined
  /**
   * One more connection to the very Redis that is trusted now. It does not reconnect, and is the caller's to close.
   * @throws if there is none, or it leads elsewhere
   */
  openBeside(options?: RedisOptions): Promise<Redis>
  close(): void
}

const VERIFY_RETRY_MS = 500

/** Watches `redis` (never closes it). */
export function createConnection({
  redis,
  fence,
  timeoutMs,
  breaker: { threshold, openMs },
  metrics,
  reports,
}: {
  redis: Redis
  fence: Fence
  timeoutMs: number
  breaker: { threshold: number; openMs: number }
  metrics: CacheMetrics
  reports: Reports
}): Connection {
  const breaker = createBreaker({ threshold, openMs })
  let generation = 0
  let verified: { runId: string } | undefined
  const firstVerified = Promise.withResolvers<void>()
  let everVerified = false
  let retry: NodeJS.Timeout | undefined
  let closed = false

  function fail(operation: string, error: unknown): void {
    metrics.error(operation)
    reports.warn(operation, { err: error, operation }, 'Redis failed: the cache is bypassed')
  }

  async function verify(): Promise<void> {
    const verifyingGeneration = generation
    try {
      const { runId, evictionPolicy } = await describe(redis)
      const { begun } = await fence.beginLife(runId, false)
      if (verifyingGeneration !== generation) return
      verified = { runId }
      everVerified = true
      firstVerified.resolve()
      breaker.succeeded()
      if (begun) metrics.life('redis_changed')
      reportEvictionPolicy(evictionPolicy)
    } catch (error) {
      if (closed || verifyingGeneration !== generation) return
      fail('verify', error)
      // A live connection that refuses (still loading, a replica): ask again, nothing else will wake us.
      retry = setTimeout(startVerifying, VERIFY_RETRY_MS).unref()
    }
  }

  function reportEvictionPolicy(policy: string): void {
    const unsuitable = policy.startsWith('allkeys-')
    metrics.unsuitableEvictionPolicy(unsuitable)
    if (!unsuitable) return
    const advice =
      'Redis may evict the fence of the cache, and every entry ends with it: set a volatile-* maxmemory-policy'
    reports.warn('eviction-policy', { policy }, advice)
  }

  function startVerifying(): void {
    if (!closed && redis.status === 'ready') void verify()
  }
  function lose(): void {
    generation++
    verified = undefined
    clearTimeout(retry)
  }

  redis.on('ready', startVerifying)
  redis.on('close', lose)
  startVerifying()
  // A lazy client connects with its first command, and a call made now would miss its deadline.
  if (redis.status === 'wait') redis.connect().catch((error: unknown) => fail('connect', error))

  async function trusted<T>(command: () => Promise<T>): Promise<T> {
    // Only the very first connection is worth waiting for; a lost one is worth a bypass.
    if (!everVerified) await firstVerified.promise
    if (!verified) throw new Error('Redis is not connected, or not verified yet')
    const before = generation
    const answer = await command()
    if (before !== generation) throw new Error('The connection to Redis was lost during the call')
    return answer
  }

  return {
    runId: () => verified?.runId ?? '',
    async ask(operation, command) {
      if (closed) return undefined
      // Only reads try and measure: a FILL follows a READ that has just been answered, and may fail for want of memory alone.
      if (operation === 'read' && !breaker.allows()) return undefined
      try {
        const answer = await withDeadline(trusted(command), timeoutMs)
        if (operation === 'read') breaker.succeeded()
        return answer
      } catch (error) {
        if (operation === 'read') breaker.failed()
        fail(operation, error)
        return undefined
      }
    },
    trust: () => verified,
    async openBeside(options) {
      const under = verified
      if (!under) throw new Error('Redis is not connected, or not verified yet')
      const beside = redis.duplicate({ ...options, lazyConnect: true, retryStrategy: () => null })
      beside.on('error', () => undefined)
      try {
        await beside.connect()
        const { runId } = await describe(beside)
        if (runId !== under.runId || verified !== under)
          throw new Error('The connection leads to another Redis')
        return beside
      } catch (error) {
        beside.disconnect()
        throw error
      }
    },
    close() {
      closed = true
      verified = undefined
      clearTimeout(retry)
      redis.off('ready', startVerifying)
      redis.off('close', lose)
    },
  }
}

async function describe(redis: Redis): Promise<{ runId: string; evictionPolicy: string }> {
  const info = await redis.info()
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  const runId = field('run_id')
  if (!runId) throw new Error('Redis does not tell its run id (INFO server)')
  return { runId, evictionPolicy: field('maxmemory_policy') ?? 'unknown' }
}
