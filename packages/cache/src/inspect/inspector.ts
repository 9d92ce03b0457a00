import type { Cluster, Redis } from 'ioredis'
import { type Carried, parseCarried } from '../carried.ts'
import { decompress } from '../compression.ts'
import { type EntryHeader, headerIn, isCodec, payloadStart } from '../entry-layout.ts'
import { domainPrefix, fenceKeyOf } from '../fence.ts'
import { isCluster, masterOf, slotOf } from '../slot.ts'
import type { EntryState } from './entry-state.ts'
import { type FenceState, readFence } from './fence-state.ts'
import { scanEntries } from './scan-entries.ts'
import { literal, scanKeys } from './scan-keys.ts'
import { type DomainStats, statsOf } from './stats.ts'

/** Looks into one domain, and changes nothing. */
export interface CacheInspector {
  /** What {@link CacheInspector.describe} takes that `name` may stand for: itself, or `<policy>:<key>` in any version. */
  named(name: string): Promise<string[]>
  /** `entry` is `<policy>:<version>:<key>`, as in the key in Redis behind `e:`. */
  describe(entry: string): Promise<EntryDescription>
  /** When a tag was last invalidated, and up to `limit` (default 100) of the entries that depend on it; goes through all of them. */
  tag(tag: string, limit?: number): Promise<TagDescription>
  /** The fence, as far as it concerns these tags: two commands, however much the domain holds. */
  fence(tags: readonly string[]): Promise<TagFence>
  /** Entries by policy, the fence, memory. Goes through all entries. */
  stats(): Promise<DomainStats>
}

export interface EntryDescription {
  readonly redisKey: string
  readonly state: EntryState
  /** True: served to whoever asks (past its TTL only if the policy has `staleSeconds`). */
  readonly isHit: boolean
  /** Bytes in Redis, with the header. */
  readonly bytes: number
  /** Until Redis removes it. */
  readonly ttlMs: number | null
  /** Of entries alone. */
  readonly entry?: Omit<EntryHeader, 'tags'> & {
    readonly tags: readonly DependedTag[]
    /** As the policy serialised it; null: there is no such row. */
    readonly text: string | null
  }
}

export interface DependedTag {
  readonly tag: string
  /** Null: not invalidated since the floor. */
  readonly lastSequence: string | null
  readonly lastInvalidatedAt: Date | null
  /** It is this one that ended the entry. */
  readonly ended: boolean
}

/** What decides about the entries that depend on some tags. */
export interface TagFence extends Pick<FenceState, 'life' | 'floor' | 'lastOf'> {
  /** The sequences of inner domains that this one has followed, by domain. */
  readonly carried: Carried
}

export interface TagDescription {
  readonly tag: string
  readonly lastSequence: string | null
  readonly lastInvalidatedAt: Date | null
  /** What was invalidated before this is forgotten. */
  readonly floor: string | null
  readonly dependents: readonly { readonly redisKey: string; readonly state: EntryState }[]
  /** There are more than were asked for. */
  readonly truncated: boolean
}

/** It does not know how long the policy allows values to be. */
const MOST_SHOWN_BYTES = 64 * 1024 * 1024

/**
 * For a command line and for tests: what is cached under a key and whether it would be served, what depends on a tag.
 * `redis` is a connection to the Redis that holds the domain, or the client of a cluster, of which the node is asked that
 * holds it now; it is not closed.
 */
export function createCacheInspector({
  redis: client,
  domain,
}: {
  redis: Redis | Cluster
  domain: string
}): CacheInspector {
  const prefix = `${domainPrefix(domain)}e:`
  const fenceKey = fenceKeyOf(domain)

  function holder(): Redis {
    if (!isCluster(client)) return client
    const master = masterOf(client, slotOf(fenceKey))
    if (master) return master
    throw new Error('The cluster has not told yet which node holds the cache domain')
  }

  return {
    async named(name) {
      const redis = holder()
      if ((await redis.exists(prefix + name)) > 0) return [name]
      const [policy = '', ...rest] = name.split(':')
      const found = new Set<string>()
      const glob = `${literal(`${prefix}${policy}:`)}*${literal(`:${rest.join(':')}`)}`
      for await (const keys of scanKeys(redis, glob)) {
        const entries = keys.map((key) => key.slice(prefix.length))
        for (const entry of entries) if (/^\d+:/.test(entry.slice(policy.length + 1))) found.add(entry)
      }
      return [...found].sort((a, b) => a.localeCompare(b))
    },

    async describe(entry) {
      const redis = holder()
      const redisKey = prefix + entry
      const stored = await redis.getBuffer(redisKey)
      if (!stored) return { redisKey, state: 'missing', isHit: false, bytes: 0, ttlMs: null }
      const ttl = await redis.pttl(redisKey)
      const header = headerIn(stored)
      const fence = await readFence(redis, fenceKey, header?.tags ?? [])
      const state = stateOf(stored, header, fence)
      const common = {
        redisKey,
        state,
        isHit: state === 'fresh' || state === 'past_ttl',
        bytes: stored.length,
        ttlMs: ttl < 0 ? null : ttl,
      }
      if (!header) return common
      const tags = header.tags.map((tag) => {
        const lastSequence = fence.lastOf(tag)
        const ended = lastSequence !== null && Number(lastSequence) > Number(header.stamp)
        return { tag, lastSequence, lastInvalidatedAt: timeOf(lastSequence), ended }
      })
      return { ...common, entry: { ...header, tags, text: textOf(stored, header) } }
    },

    async tag(tag, limit = 100) {
      const redis = holder()
      const dependents: { redisKey: string; state: EntryState }[] = []
      let truncated = false
      for await (const { entries, fence } of scanEntries(redis, prefix, fenceKey)) {
        const depending = entries.filter(({ header }) => header?.tags.includes(tag))
        const left = limit - dependents.length
        for (const { redisKey, stored, header } of depending.slice(0, left))
          dependents.push({ redisKey, state: stateOf(stored, header, fence) })
        truncated = depending.length > left
        if (truncated) break
      }
      const fence = await readFence(redis, fenceKey, [tag])
      const lastSequence = fence.lastOf(tag)
      return {
        tag,
        lastSequence,
        lastInvalidatedAt: timeOf(lastSequence),
        floor: fence.floor,
        dependents,
        truncated,
      }
    },

    async fence(tags) {
      const fence = await readFence(holder(), fenceKey, tags)
      return { ...fence, carried: parseCarried(fence.carried ?? '') }
    },

    stats: async () => statsOf(holder(), prefix, fenceKey, stateOf),
  }
}

/** By the same rules as scripts/read.lua. */
function stateOf(stored: Buffer, header: EntryHeader | undefined, fence: FenceState): EntryState {
  if (!header) {
    if (stored[0] !== 3) return 'unknown'
    return stored.toString('latin1', 1) === '-' ? 'not_storable' : 'leased'
  }
  if (!isCodec(header.codec)) return 'unknown'
  if (header.life !== fence.life) return 'other_life'
  const stamp = Number(header.stamp)
  const ended = header.tags.some((tag) => Number(fence.lastOf(tag) ?? 0) > stamp)
  if (ended || Number(fence.floor) > stamp) return 'invalidated'
  return header.softExpiry.getTime() <= fence.nowMs ? 'past_ttl' : 'fresh'
}

function textOf(stored: Buffer, { codec }: EntryHeader): string | null {
  const payload = stored.subarray(payloadStart(stored))
  if (payload.length === 0) return null
  return isCodec(codec) ? decompress(payload, codec, MOST_SHOWN_BYTES) : payload.toString()
}

/** A sequence is the time of Redis in µs, unless several fell into one. */
function timeOf(sequence: string | null): Date | null {
  return sequence === null ? null : new Date(Math.floor(Number(sequence) / 1000))
}
