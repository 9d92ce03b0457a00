import { CacheUnavailableError } from '@freshet/cache'
import { type Logger, meter } from '@freshet/telemetry'
import type { CommittedWrite } from '../response-cache/committed-write.ts'
import type { GatewayCache } from '../response-cache/gateway-cache.ts'

/**
 * The writer's shortcut: ends what a write has replaced before its answer goes on to the client, who will read it next.
 *
 * The write is committed: the client must not be told that it failed. What Redis did not acknowledge is repeated in the
 * background, and until then this process uses nothing of the cache; others hear of it by the event path.
 *
 * @returns false when the subgraph's cache or the gateway's did not acknowledge it: others may still be answered with what
 *   was replaced
 */
export function createWriteThrough(parts: {
  cache: Pick<GatewayCache, 'invalidate'>
  logger: Logger
}): (write: CommittedWrite) => Promise<boolean> {
  const { cache, logger } = parts
  const late = meter('@freshet/gateway').createCounter('freshet.gateway.late_invalidations', {
    description: 'Writes that were answered before the gateway had invalidated, by subgraph',
  })
  return async ({ service, tags, sequence }) => {
    if (tags.length === 0) return true
    try {
      await cache.invalidate(service, tags, sequence)
      return sequence !== null
    } catch (error) {
      late.add(1, { subgraph: service })
      const details = { err: error, subgraph: service }
      const text = 'a write was answered before the gateway had invalidated'
      if (error instanceof CacheUnavailableError) logger.warn(details, text)
      // Nobody repeats it but the event; a mistake of ours, then. The write is done all the same.
      else logger.error(details, text)
      return false
    }
  }
}
