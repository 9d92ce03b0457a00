import type { Redis } from 'ioredis'
import type { Holder } from './holder.ts'

const REOPEN_AFTER_MS = 1_000

/** One that was found already: by its address, or by ioredis with the help of Sentinels. */
export function createGivenRedis(redis: Redis): Holder {
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
