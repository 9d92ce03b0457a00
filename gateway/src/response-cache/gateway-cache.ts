import { type CachedEntity, createCache } from '@freshet/cache'
import { boundedTags, invalidatedTags, serviceTag } from '@freshet/cache/outer-tags'
import type { RedisClient } from '@freshet/redis'
import type { Logger } from '@freshet/telemetry'
import type { Freshness } from './answer-freshness.ts'
import type { ReplacedTags } from './committed-write.ts'

/** What one representation, or one root fetch, was answered with. */
export interface StoredFetch extends Freshness {
  readonly data: unknown
  /** False: only whoever asked for it may use it, and it is not stored. */
  readonly reusable: boolean
}

/** A whole answer, as it goes to the client. */
export interface StoredAnswer extends Freshness {
  readonly body: string
  /** As of {@link StoredFetch}. */
  readonly reusable: boolean
}

/**
 * The two levels that the gateway adds to the services' own caches: what single fetches were answered with, and whole
 * answers. Both are in one domain of @freshet/cache, so one INVALIDATE ends both at once.
 */
export interface GatewayCache {
  readonly fetches: CachedEntity<StoredFetch>
  readonly answers: CachedEntity<StoredAnswer>
  /**
   * Ends everything that depends on these tags of a subgraph, or (`all`) that the subgraph had any part in.
   *
   * @param sequence what the subgraph's own INVALIDATE was acknowledged with: every fetch from now on carries it, so that no
   *   copy within the subgraph that is older answers it. Null where that is not known.
   * @throws CacheUnavailableError when Redis did not acknowledge it
   */
  invalidate(service: string, tags: ReplacedTags, sequence: string | null): Promise<void>
  close(): Promise<void>
}

/** A subgraph may say more of an answer than it is worth: nothing stays longer than this. */
export const LONGEST_SECONDS = 24 * 3600
/**
 * More of one service end all of it: Redis would take longer for them than a caller waits, and the same invalidation would
 * be tried again for ever.
 */
const MOST_INVALIDATED = 2_000
/** Of one try. Less would have a write called late, and its cache left alone, for a Redis that is only slow now and then. */
const LEAST_INVALIDATE_MS = 250
/** Each is looked at on every READ of the entry. */
const MOST_TAGS = 200

/** @param options.domain whoever shares it shares entries and invalidations: all processes of one gateway, nobody else */
export function createGatewayCache(options: {
  redis: RedisClient
  domain: string
  enabled: boolean
  /** As of CacheOptions; a try to invalidate has as long, and never less than 250. */
  timeoutMs: number
  logger: Logger
}): GatewayCache {
  // Who waits longer for answers waits longer for this, too: what is not acknowledged in time is old in other processes.
  const invalidateTimeoutMs = Math.max(LEAST_INVALIDATE_MS, options.timeoutMs)
  const cache = createCache({ ...options, invalidateTimeoutMs, maxTagsPerEntry: MOST_TAGS })
  return {
    fetches: cache.define(policy<StoredFetch>('fetch', 1)),
    answers: cache.define({
      ...policy<StoredAnswer>('answer', 1),
      serialize: ({ body, ...rest }) => `${JSON.stringify(rest)}\n${body}`,
      deserialize: readAnswer,
    }),
    async invalidate(service, tags, sequence) {
      const isAll = tags === 'all' || tags.length > MOST_INVALIDATED
      await cache.invalidate(isAll ? [serviceTag(service)] : invalidatedTags(service, tags), {
        ...(sequence !== null && { carried: { [service]: sequence } }),
      })
    },
    close: () => cache.close(),
  }
}

function policy<Stored extends Freshness & { reusable: boolean }>(name: string, version: number) {
  return {
    name,
    version,
    ttlSeconds: LONGEST_SECONDS,
    ttlSecondsOf: (_key: string, stored: Stored | null) =>
      stored?.reusable ? (stored.expiresAt - Date.now()) / 1000 : 0,
    negativeTtlSeconds: 0,
    jitter: 0.1,
    // Without a tag it is not kept.
    tags: (_key: string, stored: Stored | null) => boundedTags(stored?.tags ?? [], MOST_TAGS) ?? [],
  }
}

/** The body stays the text that it is: it is never parsed on its way to a client. */
function readAnswer(text: string): StoredAnswer {
  const end = text.indexOf('\n')
  return { ...(JSON.parse(text.slice(0, end)) as Omit<StoredAnswer, 'body'>), body: text.slice(end + 1) }
}
