import type { Cluster, Redis } from 'ioredis'
import { createGivenRedis } from './given-redis.ts'
import type { Holder } from './holder.ts'
import { createSentinelMaster } from './sentinel-master.ts'
import { isCluster } from './slot.ts'
import { createSlotMaster } from './slot-master.ts'

/** `key` is any key of the domain. */
export function createHolder(redis: Redis | Cluster, key: string): Holder {
  if (isCluster(redis)) return createSlotMaster(redis, key)
  const given = createGivenRedis(redis)
  return redis.options.sentinels ? createSentinelMaster(redis, given) : given
}
