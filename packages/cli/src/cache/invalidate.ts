import { createCache } from '@freshet/cache'
import type { CacheInspector } from '@freshet/cache/inspect'
import { createKafkaBus, defineInvalidated } from '@freshet/events'
import type { RedisClient } from '@freshet/redis'
// Not the whole package: its servers take longer to load than this command to run.
import { createInvalidateOutward } from '@freshet/subgraph/invalidate-outward'
import { createLogger } from '@freshet/telemetry'

const LOOK_EVERY_MS = 20
/** A consumer that is up follows within milliseconds; one that is being started, within seconds. */
const FOLLOW_MS = 5_000

/**
 * Invalidates tags as a service would: its own domain first, then, once that is acknowledged, the caches outside by
 * `<service>.invalidations`.
 *
 * @param options.brokers where to tell it; null for a domain that is nobody's inner level
 * @returns the sequence, and of each outer domain after how many ms it had followed, null if not within 5 s
 */
export async function invalidateDomain(options: {
  redis: RedisClient
  domain: string
  tags: readonly string[]
  brokers: readonly string[] | null
  outer: readonly string[]
  inspect: (domain: string) => CacheInspector
}): Promise<{ sequence: string; followed: ReadonlyMap<string, number | null> }> {
  const { redis, domain, tags, brokers, outer, inspect } = options
  const logger = createLogger('freshet-cache', { level: 'silent' })
  const cache = createCache({ redis, domain, logger, invalidateTimeoutMs: 2_000 })
  try {
    if (brokers === null) return { ...(await cache.invalidate(tags)), followed: new Map() }
    const bus = createKafkaBus({ brokers: [...brokers], clientId: 'freshet-cli', logger })
    const invalidated = defineInvalidated(domain)
    const invalidateOutward = createInvalidateOutward({ service: domain, bus, cache, invalidated })
    try {
      const { sequence } = await invalidateOutward(tags)
      const waits = outer.map(async (one) => [one, await followed(inspect(one), domain, sequence)] as const)
      return { sequence, followed: new Map(await Promise.all(waits)) }
    } finally {
      await bus.close()
    }
  } finally {
    await cache.close()
  }
}

/** How many ms an outer domain has taken to carry this sequence of an inner one. */
async function followed(outer: CacheInspector, inner: string, sequence: string): Promise<number | null> {
  const began = performance.now()
  while (performance.now() - began < FOLLOW_MS) {
    const { carried } = await outer.fence([])
    if (Number(carried[inner] ?? 0) >= Number(sequence)) return Math.round(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return null
}
