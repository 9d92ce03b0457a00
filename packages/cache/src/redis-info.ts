import type { Redis } from 'ioredis'

/** What a Redis tells of itself (INFO). */
export interface RedisInfo {
  readonly runId: string
  /**
   * Names the time since when it has been a master without a break: `<run id>:<replication id>`. A restart changes the
   * first, a promotion the second (also that of a Redis that was a master before, was demoted, and took over the data of another).
   */
  readonly reign: string
  readonly isMaster: boolean
  readonly evictionPolicy: string
  /** It has replicas, and would go on answering alone when one of them has replaced it: `min-replicas-to-write` is 0. */
  readonly mayOutliveItsReign: boolean
}

/** @throws what Redis answers, or when it does not tell its run id */
export async function inspect(redis: Redis): Promise<RedisInfo> {
  const info = await redis.info('server', 'replication', 'memory')
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  const runId = field('run_id')
  if (!runId) throw new Error('Redis does not tell its run id (INFO server)')
  return {
    runId,
    reign: `${runId}:${field('master_replid') ?? ''}`,
    isMaster: field('role') === 'master',
    evictionPolicy: field('maxmemory_policy') ?? 'unknown',
    // In a cluster a master without its majority stops by itself.
    mayOutliveItsReign:
      field('redis_mode') === 'standalone' &&
      Number(field('connected_slaves') ?? 0) > 0 &&
      field('min_slaves_good_slaves') === undefined,
  }
}
