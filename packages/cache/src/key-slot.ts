// @ts-expect-error It brings no types.
import calculateSlot from 'cluster-key-slot'

/** The hash slot of a key in Redis Cluster, by the function that ioredis routes by. */
export const slotOf: (key: string) => number = calculateSlot
