import type { Cluster, Redis } from 'ioredis'
import { isCluster } from '../slot.ts'
import { scanKeys } from './scan-keys.ts'

/** The domains that a Redis, or the masters of a cluster, hold, by their fences and sorted. Goes through all keys. */
export async function cacheDomains(redis: Redis | Cluster): Promise<string[]> {
  const domains = new Set<string>()
  for (const node of isCluster(redis) ? redis.nodes('master') : [redis]) {
    for await (const keys of scanKeys(node, '{*}:fence'))
      for (const key of keys) domains.add(key.slice(1, key.indexOf('}')))
  }
  return [...domains].sort((a, b) => a.localeCompare(b))
}
