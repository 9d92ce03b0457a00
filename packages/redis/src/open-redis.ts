import { parseRedisUrl, type RedisTarget } from '@freshet/config'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import { type RedisLogger, reportLosses } from './report-losses.ts'

/** One server (found by its address or through Sentinels), or a cluster. */
export type RedisClient = Redis | Cluster

/** How to use it; where it is, the URL says. */
export type RedisSettings = Omit<
  RedisOptions,
  'host' | 'port' | 'path' | 'db' | 'username' | 'password' | 'tls' | 'sentinels' | 'name'
>

/**
 * For what can go on without Redis: a command fails when it is not there, or after `commandTimeoutMs`, and nothing ever queues for it.
 */
export function impatient(commandTimeoutMs: number): RedisSettings {
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: commandTimeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
  }
}

type ClusterTarget = Extract<RedisTarget, { kind: 'cluster' }>
type SentinelTarget = Extract<RedisTarget, { kind: 'sentinel' }>

/** A cluster's client hears of a new master by a redirection; one that is seldom used would not hear of it for long. */
const REFRESH_SLOTS_EVERY_MS = 10_000

/** One that is paused, or whose machine is gone, closes no connection: it would be waited for until the system gives up. */
const SILENT_FOR_MS = 5_000

/** ioredis waits so long, two seconds if it is not told, for a socket to close that may be closed already: Redis was away. */
const CLOSED_WITHIN_MS = 100

/**
 * Opens what `url` names, of whatever kind it is, and says in the log when it is lost and when it is back, once each.
 * One that does not answer is connected to anew after some seconds, which leads to its successor, if it has one.
 *
 * A command on several keys works in a cluster only if their names have the same hash tag, as in `{users}:...`.
 *
 * @throws RedisUrlError for a URL that config's `redisUrl` would refuse; nothing if Redis is not there: ioredis goes on trying
 */
export function openRedis(url: string, logger: RedisLogger, settings: RedisSettings = {}): RedisClient {
  const redis = create(parseRedisUrl(url), {
    socketTimeout: SILENT_FOR_MS,
    disconnectTimeout: CLOSED_WITHIN_MS,
    ...settings,
  })
  reportLosses(redis, logger, settings.connectionName ?? undefined)
  return redis
}

function create(target: RedisTarget, settings: RedisSettings): RedisClient {
  switch (target.kind) {
    case 'single':
      return new Redis(target.url, { reconnectOnError: isReadOnly, ...settings })
    case 'sentinel':
      return new Redis({ reconnectOnError: isReadOnly, ...settings, ...behindSentinels(target) })
    case 'cluster':
      return new Cluster([...target.nodes], inCluster(target, settings))
  }
}

function behindSentinels({
  sentinels,
  master,
  database,
  login,
  sentinelLogin,
  tls,
}: SentinelTarget): RedisOptions {
  return {
    sentinels: [...sentinels],
    name: master,
    db: database,
    ...login,
    sentinelUsername: sentinelLogin.username,
    sentinelPassword: sentinelLogin.password,
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  }
}

function inCluster({ login, tls }: ClusterTarget, settings: RedisSettings): ClusterOptions {
  const { enableOfflineQueue, lazyConnect, retryStrategy, ...each } = settings
  return {
    // What waits in the queue of a cluster that nobody has found yet is out of reach of `commandTimeout`.
    enableOfflineQueue: enableOfflineQueue ?? settings.commandTimeout === undefined,
    lazyConnect: lazyConnect ?? false,
    ...(retryStrategy && { clusterRetryStrategy: retryStrategy }),
    slotsRefreshInterval: REFRESH_SLOTS_EVERY_MS,
    // A certificate names hosts, not addresses.
    ...(tls && { dnsLookup: (host, callback) => callback(null, host) }),
    redisOptions: { ...each, ...login, ...(tls && { tls: {} }) },
  }
}

/** What was a master has become a replica: connecting anew leads, through DNS or a Sentinel, to its successor. */
function isReadOnly(error: Error): boolean {
  return error.message.startsWith('READONLY')
}
