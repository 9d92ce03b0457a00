// @ts-expect-error It brings no types.
import calculateSlot from 'cluster-key-slot'
import type { Cluster, Redis } from 'ioredis'

/** The hash slot of a key in Redis Cluster, by the function that ioredis routes by. */
export const slotOf: (key: string) => number = calculateSlot

/** The node that holds the slot, by what the cluster's client knows; undefined while it knows none. */
export function masterOf(cluster: Cluster, slot: number): Redis | undefined {
  const address = cluster.slots[slot]?.[0]
  // It may be gone from the pool again: the next refresh brings it back, or another.
  return cluster.nodes().find((node) => addressOf(node) === address)
}

export function addressOf({ options: { host, port } }: Redis): string {
  return `${host}:${port}`
}

export function isCluster(redis: Redis | Cluster): redis is Cluster {
  return redis.isCluster
}
