import type { Redis } from 'ioredis'
import type { EntryHeader } from '../entry-layout.ts'
import type { EntryState } from './entry-state.ts'
import { type FenceState, readFence } from './fence-state.ts'
import { scanEntries } from './scan-entries.ts'

/** What a domain holds. */
export interface DomainStats {
  readonly policies: readonly PolicyStats[]
  readonly fence: {
    readonly life: string | null
    readonly sequence: string | null
    readonly lastInvalidatedAt: Date | null
    readonly floor: string | null
    readonly run: string | null
    /** The last sequences of inner domains, as told with invalidations. */
    readonly carried: string | null
    /** How many tags are remembered. */
    readonly tags: number
    readonly bytes: number
  }
  /** Processes whose L1 hears of invalidations. */
  readonly subscribers: number
  /** Of the whole Redis. */
  readonly memory: {
    readonly usedBytes: number
    readonly maxBytes: number
    readonly evictionPolicy: string
    readonly evictedKeys: number
  }
}

export interface PolicyStats {
  /** `<policy>:<version>` */
  readonly policy: string
  readonly entries: number
  readonly bytes: number
  readonly states: Readonly<Partial<Record<EntryState, number>>>
}

export async function statsOf(
  redis: Redis,
  prefix: string,
  fenceKey: string,
  stateOf: (stored: Buffer, header: EntryHeader | undefined, fence: FenceState) => EntryState,
): Promise<DomainStats> {
  const policies = new Map<
    string,
    { entries: number; bytes: number; states: Partial<Record<EntryState, number>> }
  >()
  const seen = new Set<string>()
  for await (const { entries, fence } of scanEntries(redis, prefix, fenceKey)) {
    for (const { redisKey, stored, header } of entries) {
      if (seen.has(redisKey)) continue
      seen.add(redisKey)
      const policy = redisKey.slice(prefix.length).split(':', 2).join(':')
      const stats = policies.get(policy) ?? { entries: 0, bytes: 0, states: {} }
      policies.set(policy, stats)
      const state = stateOf(stored, header, fence)
      stats.entries++
      stats.bytes += stored.length
      stats.states[state] = (stats.states[state] ?? 0) + 1
    }
  }

  const channel = fenceKey.replace(/fence$/, 'invalidations')
  const [fence, fields, bytes, subscribers, info] = await Promise.all([
    readFence(redis, fenceKey, []),
    redis.hkeys(fenceKey),
    redis.memory('USAGE', fenceKey),
    redis.pubsub('NUMSUB', channel),
    redis.info('memory', 'stats'),
  ])
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  return {
    policies: [...policies]
      .map(([policy, stats]) => ({ policy, ...stats }))
      .toSorted((a, b) => b.bytes - a.bytes),
    fence: {
      life: fence.life,
      sequence: fence.sequence,
      lastInvalidatedAt: fence.sequence === null ? null : new Date(Math.floor(Number(fence.sequence) / 1000)),
      floor: fence.floor,
      run: fence.run,
      carried: fence.carried,
      tags: fields.filter((name) => !name.startsWith('.')).length,
      bytes: Number(bytes ?? 0),
    },
    subscribers: Number(subscribers[1] ?? 0),
    memory: {
      usedBytes: Number(field('used_memory') ?? 0),
      maxBytes: Number(field('maxmemory') ?? 0),
      evictionPolicy: field('maxmemory_policy') ?? 'unknown',
      evictedKeys: Number(field('evicted_keys') ?? 0),
    },
  }
}
