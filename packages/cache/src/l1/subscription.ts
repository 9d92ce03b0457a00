import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Connection } from '../connection.ts'
import { withDeadline } from '../deadline.ts'
import type { CacheMetrics } from '../metrics.ts'
import type { Reports } from '../reports.ts'
import { scripted } from '../scripts.ts'
import type { L1Memory } from './l1-memory.ts'

/** Tells a memory of every invalidation, and how far it has been told. */
export interface Subscription {
  /** Under what trust it was begun; undefined while there is none. Another now: nothing may be served. */
  trust(): object | undefined
  /** Somebody would like to read: goes on confirming. */
  wake(now: number): void
  readonly close: () => void
}

const REOPEN_MS = 200
/** A Redis that takes longer to answer than this is asked on a new connection. */
const ANSWER_WITHIN_MS = 2_000
/** Nobody asked for so long: stops confirming until somebody does. */
const IDLE_MS = 1_000

/**
 * Keeps a subscribed connection beside the trusted one, and asks on it for the domain's sequence every quarter of the bound. The
 * answer comes on the same connection as the invalidations and after those that were published before, so when it is
 * handled, they have been delivered. That takes RESP3: in RESP2 a subscribed connection may only PING, and a master that was
 * demoted answers that too.
 */
export function createSubscription({
  memory,
  connection,
  fenceKey,
  boundMs,
  metrics,
  reports,
}: {
  memory: L1Memory
  connection: Pick<Connection, 'trust' | 'openBeside'>
  fenceKey: string
  boundMs: number
  metrics: CacheMetrics
  reports: Reports
}): Subscription {
  let trust: object | undefined
  let subscriber: Redis | undefined
  let askedAt = 0
  let awake = Promise.withResolvers<void>()
  let closed = false

  function end(): void {
    trust = undefined
    memory.clear()
    subscriber?.disconnect()
    subscriber = undefined
  }

  function check(isComplete: boolean): void {
    if (isComplete) return
    metrics.error('unheard')
    reports.warn('unheard', {}, 'An invalidation was not published: L1 is emptied, as often as that happens')
  }

  async function run(): Promise<void> {
    while (!closed) {
      try {
        const under = connection.trust()
        if (under) await subscribe(under)
      } catch (error) {
        if (closed) return
        metrics.error('subscribe')
        reports.warn('subscribe', { err: error }, 'No news of invalidations: L1 is off')
      }
      end()
      await sleep(REOPEN_MS, undefined, { ref: false })
    }
  }

  /** Until the connection closes, or is not what it was. */
  async function subscribe(under: object): Promise<void> {
    const redis = await connection.openBeside({ protocol: 3, replyMapping: 'legacy' })
    subscriber = redis
    const lost = Promise.withResolvers<void>()
    redis.once('close', () => {
      // At once: what is read from here on may be replaced without this process hearing of it.
      memory.clear()
      lost.resolve()
    })
    const word = `! ${randomUUID()}`
    const heard = Promise.withResolvers<void>()
    redis.on('message', (_, message: string) => {
      if (message === word) heard.resolve()
      if (message.startsWith('!')) return
      const [life, previous, sequence, ...tags] = message.split(' ')
      check(memory.deliver(life!, Number(previous), Number(sequence), tags))
    })
    if (closed) return redis.disconnect()
    // What the script says, not what is thought here: ioredis puts the client's keyPrefix before keys, but not before channels.
    const [channel] = await scripted(redis).freshetSequence(1, fenceKey)
    await redis.subscribe(channel)
    // Not taken on trust: this user may not be allowed to, or the channel be another.
    await withDeadline(
      Promise.all([heard.promise, scripted(redis).freshetSequence(1, fenceKey, word)]),
      ANSWER_WITHIN_MS,
    )
    // What is asked for from here on is published to this process, when it is replaced.
    memory.clear()
    trust = under
    await Promise.race([lost.promise, confirmAgainAndAgain(redis, under)])
  }

  async function confirmAgainAndAgain(redis: Redis, under: object): Promise<void> {
    while (redis === subscriber && redis.status === 'ready' && connection.trust() === under) {
      const sentAt = performance.now()
      const [, life, sequence] = await withDeadline(
        scripted(redis).freshetSequence(1, fenceKey),
        ANSWER_WITHIN_MS,
      )
      if (redis !== subscriber) return
      check(memory.confirm(sentAt, life, Number(sequence)))
      await sleep(Math.max(1, sentAt + boundMs / 4 - performance.now()), undefined, { ref: false })
      if (performance.now() - askedAt > IDLE_MS) await awake.promise
    }
  }

  void run()
  return {
    trust: () => trust,
    wake(now) {
      if (now - askedAt > IDLE_MS / 2) {
        askedAt = now
        awake.resolve()
        awake = Promise.withResolvers()
      }
    },
    close() {
      closed = true
      awake.resolve()
      end()
    },
  }
}
