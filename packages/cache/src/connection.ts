import type { Redis, RedisOptions } from 'ioredis'
import { createBreaker } from './breaker.ts'
import { DeadlineError, withDeadline } from './deadline.ts'
import type { Fence } from './fence.ts'
import type { Holder } from './holder.ts'
import type { CacheMetrics } from './metrics.ts'
import { inspect, type RedisInfo } from './redis-info.ts'
import type { Reports } from './reports.ts'

/**
 * Decides when Redis may be asked and when its answer may be trusted.
 *
 * Each (re)connection is *verified* first: it must be a master (in a cluster, the slot's), and if it is not the one that
 * the fence remembers (restarted from an older snapshot, or a replica that took over), acknowledged invalidations may be
 * missing there, and a new life is begun. Until that is done, nothing that it says is used.
 *
 * Trust ends with the connection; when the Redis is another at the next of the checks in each second; and when it has been
 * silent for {@link SILENCE_MS}: a Redis that was paused for long may have been replaced, and not know it when it wakes up.
 */
export interface Connection {
  /** Names the verified Redis and its reign, for the scripts' sake; '' before. */
  reign(): string
  /**
   * The command's answer within the deadline, or undefined if Redis can't be asked now, fails, or trust was lost
   * meanwhile (ioredis resends: the answer could come from a Redis that is not verified). Never rejects.
   */
  ask<T>(operation: 'read' | 'fill', command: () => Promise<T>): Promise<T | undefined>
  /**
   * For what must be acknowledged: waits for trust, and the answer counts only if trust lasted until then.
   * @throws DeadlineError, or what Redis answers; the command may have been executed nevertheless
   */
  tell<T>(command: () => Promise<T>, timeoutMs: number): Promise<T>
  /** The present trust, as an identity: what was built on one is worth nothing under another. */
  trust(): Trust | undefined
  /**
   * One more connection to the very Redis that is trusted now: the same process, in the same reign. It does not reconnect, and
   * is the caller's to close. @throws if there is none, or it leads elsewhere
   */
  openBeside(options?: RedisOptions): Promise<Redis>
  close(): void
}

/** A Redis that was verified, for as long as nothing was lost. */
export interface Trust {
  readonly reign: string
}

const CHECK_EVERY_MS = 1_000
/** Sentinel's `down-after-milliseconds` and a cluster's `cluster-node-timeout` must be longer. */
export const SILENCE_MS = 3_000
const VERIFY_WITHIN_MS = 1_000
const VERIFY_RETRY_MS = 500

/** Watches `holder`, and closes it. `now`: milliseconds of a monotonic clock. */
export function createConnection({
  holder,
  fence,
  timeoutMs,
  breaker: { threshold, openMs },
  metrics,
  reports,
  onReplaced,
  now = performance.now.bind(performance),
}: {
  holder: Holder
  fence: Fence
  timeoutMs: number
  breaker: { threshold: number; openMs: number }
  metrics: CacheMetrics
  reports: Reports
  /**
   * Another reign has begun, and another process has seen to it before: what the former one acknowledged to this process may
   * have come too late to be part of it. Called before anything is served.
   */
  onReplaced: () => void
  now?: () => number
}): Connection {
  const breaker = createBreaker({ threshold, openMs })
  const waiting = new Set<(trust: Trust) => void>()
  let trust: Trust | undefined
  let lastReign: string | undefined
  /** When Redis was asked what it has answered since. */
  let heardAt = now()
  let attempt = 0
  let checking = false
  let retry: NodeJS.Timeout | undefined
  let closed = false

  function fail(operation: string, error: unknown): void {
    metrics.error(operation)
    reports.warn(operation, { err: error, operation }, 'Redis failed: the cache is bypassed')
  }

  /** The answer of `redis`; also a refusal shows that it was not paused when it was asked. */
  async function heard<T>(asking: () => Promise<T>): Promise<T> {
    const askedAt = now()
    try {
      const answer = await asking()
      heardAt = Math.max(heardAt, askedAt)
      return answer
    } catch (error) {
      if (isRefusal(error)) heardAt = Math.max(heardAt, askedAt)
      if (isRedirection(error)) holder.lookAgain()
      throw error
    }
  }

  async function verify(): Promise<void> {
    clearTimeout(retry)
    const mine = ++attempt
    try {
      const { info, begun } = await withDeadline(introduce(), VERIFY_WITHIN_MS)
      if (mine !== attempt) return
      if (lastReign !== undefined && lastReign !== info.reign && !begun) onReplaced()
      lastReign = info.reign
      breaker.succeeded()
      if (begun) metrics.life('redis_changed')
      reportSettings(info)
      trust = { reign: info.reign }
      for (const wake of waiting) wake(trust)
      waiting.clear()
    } catch (error) {
      if (mine !== attempt) return
      fail('verify', error)
      // A live connection that refuses (still loading, a replica): ask again, nothing else will wake us.
      retry = setTimeout(() => void verify(), VERIFY_RETRY_MS).unref()
    }
  }

  async function introduce(): Promise<{ info: RedisInfo; begun: boolean }> {
    const redis = holder.current()
    const info = await heard(() => inspect(redis))
    if (!info.isMaster || !(await holder.isConfirmed(info))) {
      holder.lookAgain()
      const says = info.isMaster ? 'Others say that this Redis is not the master' : 'This Redis is a replica'
      throw new Error(`${says}: nothing of it may be used`)
    }
    const { begun } = await heard(() => fence.beginLife(info.reign, false))
    return { info, begun }
  }

  function reportSettings({ evictionPolicy, mayOutliveItsReign }: RedisInfo): void {
    const unsuitable = evictionPolicy.startsWith('allkeys-')
    metrics.unsuitableEvictionPolicy(unsuitable)
    if (unsuitable) {
      const advice =
        'Redis may evict the fence of the cache, and every entry ends with it: set a volatile-* maxmemory-policy'
      reports.warn('eviction-policy', { policy: evictionPolicy }, advice)
    }
    metrics.mayOutliveItsReign(mayOutliveItsReign)
    if (mayOutliveItsReign) {
      const advice =
        'This Redis has replicas, and would go on answering when one of them has replaced it: set min-replicas-to-write 1 and min-replicas-max-lag below the time after which it is replaced'
      reports.warn('min-replicas', {}, advice)
    }
  }

  function lose(): void {
    attempt++
    clearTimeout(retry)
    trust = undefined
  }

  const isSilent = () => now() - heardAt > SILENCE_MS

  /** Each second: is it still there, and still the same? */
  async function check(): Promise<void> {
    if (isSilent()) {
      heardAt = now()
      lose()
      holder.reopen()
      return
    }
    const mine = trust
    if (!mine || checking) return
    checking = true
    try {
      const info = await heard(() => inspect(holder.current()))
      if (trust !== mine) return
      const isSame = info.isMaster && info.reign === mine.reign
      if (isSame && (await withDeadline(holder.isConfirmed(info), VERIFY_WITHIN_MS))) return
      if (trust !== mine) return
      lose()
      void verify()
    } catch (error) {
      if (trust === mine) fail('check', error)
    } finally {
      checking = false
    }
  }

  holder.watch({
    ready() {
      heardAt = now()
      void verify()
    },
    lost: lose,
    failed: (error) => fail('connect', error),
  })
  // When the event loop was blocked, answers wait in the sockets: they are read before silence is judged.
  const checks = setInterval(() => setImmediate(() => void check()), CHECK_EVERY_MS).unref()

  function whenTrusted(waitMs: number): Promise<Trust> {
    if (trust) return Promise.resolve(trust)
    return new Promise((resolve, reject) => {
      const wake = (next: Trust) => {
        clearTimeout(timer)
        resolve(next)
      }
      const timer = setTimeout(() => {
        waiting.delete(wake)
        reject(new DeadlineError(waitMs))
      }, waitMs)
      waiting.add(wake)
    })
  }

  async function trusted<T>(under: Trust, command: () => Promise<T>): Promise<T> {
    if (isSilent()) throw new Error('Redis has been silent, and is not trusted any more')
    const answer = await heard(command)
    if (under !== trust) throw new Error('Redis was lost or replaced during the call')
    return answer
  }

  async function read<T>(command: () => Promise<T>): Promise<T> {
    // Only the very first connection is worth waiting for; a lost one is worth a bypass.
    const under = trust ?? (lastReign === undefined ? await whenTrusted(timeoutMs) : undefined)
    if (!under) throw new Error('Redis is not connected, or not verified yet')
    return trusted(under, command)
  }

  return {
    reign: () => trust?.reign ?? '',
    async ask(operation, command) {
      if (closed) return undefined
      // Only reads try and measure: a FILL follows a READ that has just been answered, and may fail for want of memory alone.
      if (operation === 'read' && !breaker.allows()) return undefined
      try {
        const answer = await withDeadline(read(command), timeoutMs)
        if (operation === 'read') breaker.succeeded()
        return answer
      } catch (error) {
        if (operation === 'read') breaker.failed()
        fail(operation, error)
        return undefined
      }
    },
    async tell(command, waitMs) {
      if (closed) throw new Error('The cache is closed')
      const by = now() + waitMs
      const under = await whenTrusted(waitMs)
      return withDeadline(trusted(under, command), Math.max(1, by - now()))
    },
    // As {@link trusted} would: not if it has been silent, though the next check is yet to find out.
    trust: () => (isSilent() ? undefined : trust),
    async openBeside(options) {
      const under = trust
      if (!under) throw new Error('Redis is not connected, or not verified yet')
      const redis = holder.current().duplicate({ ...options, lazyConnect: true, retryStrategy: () => null })
      redis.on('error', () => undefined)
      try {
        await redis.connect()
        const { reign } = await inspect(redis)
        if (reign !== under.reign || trust !== under) throw new Error('The connection leads to another Redis')
        return redis
      } catch (error) {
        redis.disconnect()
        throw error
      }
    },
    close() {
      closed = true
      lose()
      clearInterval(checks)
      holder.close()
    },
  }
}

/** Redis has answered, though not what was asked for. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ReplyError' || isRefusal(error.cause))
}

/** What a cluster's node answers when it does not hold the slot (any more), or a replica when it is asked to be a master. */
function isRedirection(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK|CLUSTERDOWN|READONLY) /.test(error.message)
}
