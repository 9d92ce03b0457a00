import type { Cluster, Redis } from 'ioredis'
import type { CachedEntity } from './cached-entity.ts'
import { type Carried, checkCarried, createCarriedMemory } from './carried.ts'
import { createConnection } from './connection.ts'
import { createHolder } from './create-holder.ts'
import { createEntity } from './entity.ts'
import type { EntityParts } from './entity-parts.ts'
import { CacheContractError } from './errors.ts'
import { createFence, domainPrefix, type Reading, type ReadMode } from './fence.ts'
import { createInvalidator } from './invalidator.ts'
import { createL1, type L1 } from './l1/l1.ts'
import { LONGEST_L1_BOUND_MS } from './l1/longest-bound.ts'
import { createCacheMetrics } from './metrics.ts'
import { type CachePolicy, checkPolicy, longestLifeMs } from './policy.ts'
import { createReadBatches } from './read-batches.ts'
import { type CacheLogger, createReports } from './reports.ts'
import { distinctTags } from './tags.ts'
import { createWaitingRoom } from './waiting-room.ts'

/** How a cache is made. */
export interface CacheOptions {
  /**
   * A Redis >= 7 (or Valkey), or one found through Sentinel, or a cluster. Connected straight, not through a proxy that may
   * change what is behind it. Not closed by the cache; but its connection is opened anew when it has been silent for 3 s, or has become a replica.
   */
  readonly redis: Redis | Cluster
  /** The owner of the data: `catalog`. Caches of one domain, in any number of processes, share entries and invalidations. */
  readonly domain: string
  readonly logger: CacheLogger
  /** False: nothing is read from or stored in Redis. Invalidations are still sent, for other processes may cache. Default true. */
  readonly enabled?: boolean
  /** How long a reader waits for Redis before it turns to the database. Default 50. */
  readonly timeoutMs?: number
  /** How long one of three tries of an invalidation may take. Default 250. */
  readonly invalidateTimeoutMs?: number
  /** After so many failed reads in a row Redis is left alone (default 5) ... */
  readonly breakerThreshold?: number
  /** ... but for one try in each such time. Default 1000. */
  readonly breakerOpenMs?: number
  /** The same trouble is logged once in this time. Default 10000. */
  readonly reportIntervalMs?: number
  /** How long a reader waits for what another process is loading before it loads it too. Default 200. */
  readonly leaseWaitMs?: number
  /**
   * How long a process that loads a key holds the others off, and a request of a process the other requests, if it does not end
   * sooner. Default 5000.
   */
  readonly leaseMs?: number
  /** At most 255. A value with more tags is not cached, for every READ of it would be slow: use a coarser tag. Default 64. */
  readonly maxTagsPerEntry?: number
  /** The level in this process, for the policies that want it (`l1: true`). */
  readonly l1?: L1Options
}

/** Of the cache in the process itself. */
export interface L1Options {
  /** Default 64 MiB. */
  readonly maxBytes?: number
  /** How old L1's knowledge of invalidations may be, at most 1000. Default 50. */
  readonly boundMs?: number
}

/** What goes with an invalidation. */
export interface InvalidateOptions {
  /** The sequences of inner domains' invalidations that this one follows: loaders are told the highest of each. */
  readonly carried?: Carried | undefined
}

/** The caches of one domain; see the README for what is guaranteed. */
export interface Cache {
  /** @throws {@link CacheContractError} when the policy is wrong, or its name and version are taken */
  define<V>(policy: CachePolicy<V>): CachedEntity<V>
  /**
   * Call it after COMMIT and await it: a read that begins after it resolves, in any process, never returns
   * what a commit before the call has replaced.
   *
   * @returns the sequence of the invalidation, comparable with others of this domain ('0' if there was nothing to tell)
   * @throws CacheUnavailableError when Redis did not acknowledge it in time: it is repeated in the background
   * @throws CacheContractError when something is not a tag, or not a sequence
   */
  invalidate(tags: readonly string[], options?: InvalidateOptions): Promise<{ sequence: string }>
  /** Ends every entry of the domain at once, in constant time. @throws what Redis answers */
  clear(): Promise<{ sequence: string }>
  /** Waits for what is being stored, then stops watching Redis. What is read afterwards comes from the loaders. */
  close(): Promise<void>
}

const INVALIDATE_ATTEMPTS = 3
const DEFAULT_L1_BYTES = 64 * 1024 * 1024
const DEFAULT_L1_BOUND_MS = 50
/** How often this process looks whether what it waits for was loaded by another one. */
const LEASE_LOOK_MS = 5
/** A tag is remembered at least this long, so that few entries end because it was forgotten. */
const LEAST_RETENTION_MS = 60 * 60 * 1000

/**
 * A cache that never serves a value that an acknowledged invalidation has replaced.
 *
 * @example
 * const cache = createCache({ redis, domain: 'catalog', logger })
 * const products = cache.define<ProductRow>({
 *   name: 'product', version: 1, ttlSeconds: 3600, negativeTtlSeconds: 60, jitter: 0.1,
 *   tags: (id) => [`product:${id}`],
 * })
 * const rows = await products.getMany(['1', '2'], (ids) => repository.findByIds(ids))
 * await cache.invalidate(['product:1']) // after COMMIT
 *
 * @throws {@link CacheContractError} for an impossible domain name
 */
export function createCache(options: CacheOptions): Cache {
  const { redis, domain, logger, enabled = true, timeoutMs = 50, invalidateTimeoutMs = 250 } = options
  const { leaseMs = 5_000 } = options
  if (!/^[a-z][a-z0-9-]*$/.test(domain)) {
    throw new CacheContractError(`A cache domain is lower case letters, digits and dashes, not "${domain}"`)
  }
  const { maxTagsPerEntry = 64, l1: l1Options = {} } = options
  if (!Number.isSafeInteger(maxTagsPerEntry) || maxTagsPerEntry < 1 || maxTagsPerEntry > 255)
    throw new CacheContractError('maxTagsPerEntry must be an integer from 1 to 255')
  if (l1Options.boundMs !== undefined && !(l1Options.boundMs > 0 && l1Options.boundMs <= LONGEST_L1_BOUND_MS))
    throw new CacheContractError(`l1.boundMs must be positive, and at most ${LONGEST_L1_BOUND_MS}`)

  const metrics = createCacheMetrics(domain)
  const reports = createReports(logger, options.reportIntervalMs ?? 10_000)
  const holder = createHolder(redis, domainPrefix(domain))
  const fence = createFence(holder.current, domain, leaseMs)
  const breaker = { threshold: options.breakerThreshold ?? 5, openMs: options.breakerOpenMs ?? 1_000 }
  const onReplaced = () => invalidator.oweAgain()
  const connection = createConnection({ holder, fence, timeoutMs, breaker, metrics, reports, onReplaced })
  const carriedMemory = createCarriedMemory()
  let longestTtlMs = 0
  const invalidator = createInvalidator({
    fence,
    connection,
    attemptMs: invalidateTimeoutMs,
    attempts: INVALIDATE_ATTEMPTS,
    retentionMs: () => Math.max(longestTtlMs, LEAST_RETENTION_MS),
    // Before the caller goes on, so that it reads what it wrote also here.
    onAcknowledged: (life, sequence, tags) => l1?.invalidated(life, sequence, tags),
    metrics,
    logger,
  })
  let l1: L1 | undefined
  const beginL1 = () =>
    createL1({
      maxBytes: l1Options.maxBytes ?? DEFAULT_L1_BYTES,
      boundMs: l1Options.boundMs ?? DEFAULT_L1_BOUND_MS,
      domain,
      connection,
      owes: () => invalidator.owes(),
      metrics,
      reports,
    })
  const defined = new Set<string>()
  const storing = new Set<Promise<void>>()

  async function read(entries: readonly string[], mode: ReadMode): Promise<Reading | undefined> {
    if (invalidator.owes()) return undefined
    const reading = await connection.ask('read', () => fence.read(entries, connection.reign(), mode))
    // Asked again: an invalidation may have failed while this was on its way.
    return invalidator.owes() ? undefined : reading
  }

  const parts: EntityParts = {
    metrics,
    reports,
    enabled,
    maxTagsPerEntry,
    contextOf: (reading) => carriedMemory.contextOf(reading),
    read: createReadBatches(read),
    fill: (reading, fillings, mode) => connection.ask('fill', () => fence.fill(reading, fillings, mode)),
    async release(entries, useless) {
      await connection.ask('fill', () => fence.release(entries, useless))
    },
    waitingRoom: createWaitingRoom((entries) => read(entries, { lease: true }), LEASE_LOOK_MS),
    leaseWaitMs: options.leaseWaitMs ?? 200,
    joinMs: leaseMs,
    l1: () => (l1 ??= beginL1()),
    inBackground(work) {
      storing.add(work)
      void work.finally(() => storing.delete(work))
    },
  }

  return {
    define<V>(policy: CachePolicy<V>) {
      checkPolicy(policy)
      const name = `${policy.name}:${policy.version}`
      if (defined.has(name)) throw new CacheContractError(`Cache policy "${name}" is defined twice`)
      defined.add(name)
      longestTtlMs = Math.max(longestTtlMs, longestLifeMs(policy))
      return createEntity(policy, parts)
    },
    async invalidate(tags, { carried = {} } = {}) {
      const distinct = distinctTags(tags)
      checkCarried(carried)
      const nothing = distinct.length === 0 && Object.keys(carried).length === 0
      return { sequence: nothing ? '0' : await invalidator.invalidate(distinct, carried) }
    },
    async clear() {
      const sequence = await invalidator.clear()
      metrics.life('cleared')
      return { sequence }
    },
    async close() {
      await Promise.all(storing)
      l1?.close()
      metrics.close()
      invalidator.close()
      connection.close()
    },
  }
}
