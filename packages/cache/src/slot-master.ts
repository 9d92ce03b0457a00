import type { Cluster, Redis } from 'ioredis'
import type { Holder, HolderEvents } from './holder.ts'
import { addressOf, masterOf, slotOf } from './slot.ts'

/** How many other nodes are asked who holds the slot; the first answer counts. */
const WITNESSES = 3
const LONGEST_RETRY_MS = 1_000
/** Each look opens a connection. */
const LOOK_AFTER_MS = 100

/**
 * The master of one slot, over a connection of its own.
 *
 * The scripts don't go through ioredis' Cluster: it follows redirections, tries random nodes, queues and waits, so that
 * nobody could say whose answer it was. It is only asked which node is the master.
 */
export function createSlotMaster(cluster: Cluster, key: string): Holder {
  const { keyPrefix = '' } = cluster.options
  const slot = slotOf(keyPrefix + key)
  let held: { address: string; redis: Redis } | undefined
  let events: HolderEvents | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  function look(): void {
    const node = masterOf(cluster, slot)
    if (!node) return
    const address = addressOf(node)
    if (address === held?.address) return
    release()
    held = { address, redis: open(node) }
  }

  function open(node: Redis): Redis {
    const redis = node.duplicate({
      keyPrefix,
      lazyConnect: false,
      readOnly: false,
      retryStrategy: (attempt: number) => Math.min(attempt * 50, LONGEST_RETRY_MS),
    })
    redis.on('ready', () => held?.redis === redis && events?.ready())
    redis.on('close', () => {
      if (held?.redis !== redis) return
      events?.lost()
      lookAgain()
    })
    // Where the connection is used, each failure shows.
    redis.on('error', () => undefined)
    return redis
  }

  function release(): void {
    if (!held) return
    held.redis.disconnect()
    held = undefined
    events?.lost()
  }

  function lookAgain(): void {
    if (cluster.status !== 'ready' || performance.now() - lookedAt < LOOK_AFTER_MS) return
    lookedAt = performance.now()
    // `refresh` follows if a node answers; if none does, their addresses may all be old: back to where the cluster was begun.
    cluster.refreshSlotsCache((error) => {
      if (error?.name === 'ClusterAllFailedError' && cluster.status === 'ready') cluster.disconnect(true)
    })
  }

  return {
    current() {
      if (!held) throw new Error('The cluster has not told yet which node holds the cache domain')
      return held.redis
    },
    watch(given) {
      events = given
      cluster.on('refresh', look).on('end', release)
      if (cluster.status === 'wait') cluster.connect().catch(events.failed)
      look()
    },
    async isConfirmed() {
      if (!held) throw new Error('The cluster has not told yet which node holds the cache domain')
      const { address, redis } = held
      const others = cluster.nodes().filter((node) => addressOf(node) !== address)
      if (others.length === 0) return true
      const told = sample(others, WITNESSES).map(async (node) =>
        masterIdIn(await node.cluster('SLOTS'), slot),
      )
      const [id, master] = await Promise.all([redis.cluster('MYID'), Promise.any(told)])
      return id === master
    },
    lookAgain,
    reopen() {
      release()
      look()
      lookAgain()
    },
    close() {
      events = undefined
      cluster.off('refresh', look).off('end', release)
      release()
    },
  }
}

/** Up to `count` neighbours, from a random place on: one that hangs is not asked each time. */
function sample<T>(items: readonly T[], count: number): T[] {
  const first = Math.floor(Math.random() * items.length)
  return [...items.slice(first), ...items.slice(0, first)].slice(0, count)
}

/** An answer to CLUSTER SLOTS: first and last slot, then the master and its replicas. */
type SlotRanges = readonly [
  first: number,
  last: number,
  ...nodes: [host: string, port: number, id: string, ...unknown[]][],
][]

function masterIdIn(ranges: SlotRanges, slot: number): string | undefined {
  return ranges.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[2]
}
