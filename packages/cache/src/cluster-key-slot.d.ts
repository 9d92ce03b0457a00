declare module 'cluster-key-slot' {
  /** The hash slot of a key in Redis Cluster; the same function that ioredis routes by. */
  function calculateSlot(key: string): number
  export = calculateSlot
}
