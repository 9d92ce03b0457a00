import type { Cluster, Redis } from 'ioredis'
import type { RedisInfo } from './redis-info.ts'
import { createSentinelMaster } from './sentinel-master.ts'
import { createSlotMaster } from './slot-master.ts'

/**
 * The Redis that holds a domain: the one that was given; the master that Sentinels watch over; in a cluster the master of
 * the domain's slot.
 */
export interface Holder {
  /** The connection to it. @throws as long as a cluster has not told who it is */
  current(): Redis
  /** Begins: connects, and tells `events` of it from now on. */
  watch(events: HolderEvents): void
  /**
   * Do others (the Sentinels, another node of the cluster) also say that `current()`, which told `info` of itself, is the master? One
   * that was paused, or is cut off from them, still believes so long after its replica has taken over.
   * @throws when nobody else answers
   */
  isConfirmed(info: RedisInfo): Promise<boolean>
  /** There is a hint that it is another one now: find out, by way of whoever knows (DNS, Sentinel, the cluster). May be called often. */
  lookAgain(): void
  /** It is silent: connect anew, in the same way. */
  reopen(): void
  /** Stops watching; closes what it opened, never what it was given. */
  close(): void
}

/** What a holder tells of its connection. */
export interface HolderEvents {
  ready(): void
  /** It closed, or leads to a replaced holder: nothing that is still answered on it counts. */
  lost(): void
  /** It could not be opened. */
  failed(error: unknown): void
}

/** `key` is any key of the domain. */
export function createHolder(redis: Redis | Cluster, key: string): Holder {
  if (isCluster(redis)) return createSlotMaster(redis, key)
  const given = createGivenRedis(redis)
  return redis.options.sentinels ? createSentinelMaster(redis, given) : given
}

const REOPEN_AFTER_MS = 1_000

function createGivenRedis(redis: Redis): Holder {
  let unwatch = () => undefined as unknown
  let reopenedAt = Number.NEGATIVE_INFINITY

  function reopen(): void {
    // In any other state ioredis is connecting already; disturbed there, it would give up for good.
    if (redis.status !== 'ready' && redis.status !== 'connect') return
    if (performance.now() - reopenedAt < REOPEN_AFTER_MS) return
    reopenedAt = performance.now()
    redis.disconnect(true)
  }

  return {
    current: () => redis,
    watch({ ready, lost, failed }) {
      redis.on('ready', ready).on('close', lost)
      unwatch = () => redis.off('ready', ready).off('close', lost)
      // A lazy client connects with its first command, and a call made now would miss its deadline.
      if (redis.status === 'wait') redis.connect().catch(failed)
      else if (redis.status === 'ready') ready()
    },
    isConfirmed: async () => true,
    lookAgain: reopen,
    reopen,
    close: () => void unwatch(),
  }
}

function isCluster(redis: Redis | Cluster): redis is Cluster {
  return redis.isCluster
}
