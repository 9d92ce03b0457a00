import type { Redis } from 'ioredis'
import { createConnection } from './connection.ts'
import { type CachedEntity, createEntity, type EntityParts } from './entity.ts'
import { CacheContractError } from './errors.ts'
import { createFence } from './fence.ts'
import { createInvalidator } from './invalidator.ts'
import { createCacheMetrics } from './metrics.ts'
import { type CachePolicy, checkPolicy } from './policy.ts'
import { type CacheLogger, createReports } from './reports.ts'
import { distinctTags } from './tags.ts'

/** How a cache is made. */
export interface CacheOptions {
  /** Connected straight to one Redis >= 7 (or Valkey), not through a proxy that may change what is behind it. Not closed by the cache. */
  readonly redis: Redis
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
}

/** The caches of one domain; see the README for what is guaranteed. */
export interface Cache {
  /** @throws {@link CacheContractError} when the policy is wrong, or its name and version are taken */
  define<V>(policy: CachePolicy<V>): CachedEntity<V>
  /**
   * Call it after COMMIT and await it: a read that begins after it resolves, in any process, never returns
   * what a commit before the call has replaced.
   *
   * @returns the sequence of the invalidation, comparable with others of this domain ('0' if there are no tags)
   * @throws CacheUnavailableError when Redis did not acknowledge it in time: it is repeated in the background
   * @throws CacheContractError when something is not a tag
   */
  invalidate(tags: readonly string[]): Promise<{ sequence: string }>
  /** Ends every entry of the domain at once, in constant time. @throws what Redis answers */
  clear(): Promise<{ sequence: string }>
  /** Waits for what is being stored, then stops watching Redis. What is read afterwards comes from the loaders. */
  close(): Promise<void>
}

const INVALIDATE_ATTEMPTS = 3
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
  if (!/^[a-z][a-z0-9-]*$/.test(domain)) {
    throw new CacheContractError(`A cache domain is lower case letters, digits and dashes, not "${domain}"`)
  }
  const metrics = createCacheMetrics(domain)
  const reports = createReports(logger, options.reportIntervalMs ?? 10_000)
  const fence = createFence(redis, domain)
  const breaker = { threshold: options.breakerThreshold ?? 5, openMs: options.breakerOpenMs ?? 1_000 }
  const connection = createConnection({ redis, fence, timeoutMs, breaker, metrics, reports })
  let longestTtlMs = 0
  const invalidator = createInvalidator({
    fence,
    connection,
    attemptMs: invalidateTimeoutMs,
    attempts: INVALIDATE_ATTEMPTS,
    retentionMs: () => Math.max(longestTtlMs, LEAST_RETENTION_MS),
    metrics,
    logger,
  })
  const defined = new Set<string>()
  const storing = new Set<Promise<void>>()

  const parts: EntityParts = {
    metrics,
    reports,
    enabled,
    async read(entries) {
      if (invalidator.owes()) return undefined
      const reading = await connection.ask('read', () => fence.read(entries, connection.runId()))
      // Asked again: an invalidation may have failed while this was on its way.
      return invalidator.owes() ? undefined : reading
    },
    fill: (reading, fillings) => connection.ask('fill', () => fence.fill(reading, fillings)),
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
      longestTtlMs = Math.max(longestTtlMs, policy.ttlSeconds * 1000, policy.negativeTtlSeconds * 1000)
      return createEntity(policy, parts)
    },
    async invalidate(tags) {
      const distinct = distinctTags(tags)
      return { sequence: distinct.length === 0 ? '0' : await invalidator.invalidate(distinct) }
    },
    async clear() {
      const { sequence } = await fence.beginLife(connection.runId(), true)
      metrics.life('cleared')
      return { sequence }
    },
    async close() {
      await Promise.all(storing)
      invalidator.close()
      connection.close()
    },
  }
}
