import { createKafkaBus } from '@freshet/events'
import { closeInOrder, createHttpServer, shutdownTimes } from '@freshet/http'
import { impatient, openRedis } from '@freshet/redis'
import type { Logger } from '@freshet/telemetry'
import { invalidatedReading } from '../invalidation/invalidated.events.ts'
import { answerSubject } from './answer-subject.ts'
import type { ProbeConfig } from './config.ts'
import { fenceSubjects } from './fence-subjects.ts'
import { createFences } from './fences.ts'
import { createMeasures, type Measures } from './measures.ts'
import { productChanged } from './product-changed.events.ts'
import { following, followStream } from './stream.ts'
import { createWatcher } from './watcher.ts'

/** A probe that follows the invalidations. */
export interface Probe {
  readonly url: string
  /** Checks that still wait for their time are not made. */
  close(): Promise<void>
}

/** A look that takes longer than this says nothing about the moment that it was meant for. */
const REDIS_TIMEOUT_MS = 1_000

/** Younger changes are always looked at, however short the delays are. */
const RECENT_MS = 60_000

/**
 * Follows what the subgraphs invalidate, and looks whether each level of the caches has followed too. It changes nothing.
 *
 * Ready when it has its partitions. Without Redis or a gateway it goes on: what it can't ask is `unknown`.
 */
export async function startProbe(
  config: ProbeConfig,
  logger: Logger,
  measures: Measures = createMeasures(config.PROBE_SERVICES),
): Promise<Probe> {
  const redis = openRedis(config.REDIS_URL, logger, {
    ...impatient(REDIS_TIMEOUT_MS),
    connectionName: 'probe',
  })
  const fences = createFences(redis)
  const bus = createKafkaBus({ brokers: [...config.KAFKA_BROKERS], clientId: 'probe', logger })
  const watcher = createWatcher({
    delaysMs: config.PROBE_DELAYS_MS,
    boundMs: config.PROBE_BOUND_MS,
    mostPending: config.PROBE_MOST_PENDING,
    measures,
    logger,
  })
  const invalidations = config.PROBE_SERVICES.map((service) =>
    following(invalidatedReading(service), (event) => {
      for (const subject of fenceSubjects(fences, config.CACHE_DOMAIN, service, event)) watcher.watch(subject)
    }),
  )
  const products = following(productChanged, (event) => {
    for (const door of config.GATEWAY_URLS) watcher.watch(answerSubject(door, event))
  })
  const stream = followStream({
    bus,
    group: config.PROBE_GROUP ?? `${config.CACHE_DOMAIN}-probe`,
    followings: config.PROBE_SERVICES.includes('catalog') ? [...invalidations, products] : invalidations,
    oldestMs: Math.max(RECENT_MS, ...config.PROBE_DELAYS_MS),
    skipped: (reason) => measures.skipped(reason),
    logger,
  })
  const http = createHttpServer({
    name: 'probe',
    logger,
    shutdown: shutdownTimes(config),
    checks: {
      async invalidations() {
        if (!stream.isJoined()) throw new Error('are not followed yet')
      },
    },
    observed: () => ({ redis: redis.status === 'ready' ? 'ok' : redis.status }),
  })

  const close = () =>
    closeInOrder([
      () => http.close(),
      () => stream.close(),
      () => watcher.close(),
      () => bus.close(),
      async () => redis.disconnect(),
    ])

  try {
    const url = await http.listen({ host: config.HOST, port: config.PORT })
    logger.info({ url, delaysMs: config.PROBE_DELAYS_MS, boundMs: config.PROBE_BOUND_MS }, 'the probe looks')
    return { url, close }
  } catch (error) {
    await close()
    throw error
  }
}
