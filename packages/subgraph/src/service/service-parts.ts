import { type Cache, type CacheOptions, createCache } from '@freshet/cache'
import { createDatabase, type Database, type DatabaseOptions } from '@freshet/database'
import { createKafkaBus, type EventBus } from '@freshet/events'
import { closeInOrder, createObserver } from '@freshet/http'
import { openRedis, pingRedis, type RedisClient, type RedisSettings } from '@freshet/redis'
import type { Logger } from '@freshet/telemetry'
import { queryTags } from '../query-tags.ts'

/** What the parts are opened by; `subgraphEnvironment` of @freshet/config has it. */
export interface ServiceSettings {
  readonly DATABASE_URL: string
  readonly DATABASE_POOL_SIZE: number
  readonly REDIS_URL: string
  readonly KAFKA_BROKERS: readonly string[]
  readonly CACHE_ENABLED: boolean
}

/** Whose parts they are, and where they report. */
export interface ServiceIdentity {
  /** `catalog`: names its connections, its cache domain and its Kafka client. */
  readonly service: string
  readonly logger: Logger
}

/** What every service runs on. Whoever opened it closes it. */
export interface SharedParts<DB> {
  readonly database: Database<DB>
  /** For the relay, which keeps a connection of its own. */
  readonly databaseUrl: string
  readonly cache: Cache
  readonly bus: EventBus
  /** The last known state of Redis and Kafka, without which a service goes on: for its /readyz. */
  readonly observed: () => Readonly<Record<string, string>>
  readonly logger: Logger
}

/** {@link SharedParts}, opened. */
export interface ServiceParts<DB> extends SharedParts<DB> {
  readonly redis: RedisClient
  /** One more connection, for what must not share the cache's; it is closed with the rest. */
  openRedis(url: string, settings?: RedisSettings): RedisClient
  /** Begins to ask Redis and Kafka how they are, for `observed`. */
  startObserving(): void
  /** After everything that uses them, in reverse order; one that fails does not keep the others open. */
  close(): Promise<void>
}

/** What a test has otherwise than production. */
export interface PartOverrides {
  readonly bus?: EventBus | undefined
  readonly database?: Pick<DatabaseOptions, 'connectTimeoutMs' | 'statementTimeoutMs'>
  readonly cache?: Partial<Pick<CacheOptions, 'domain' | 'timeoutMs' | 'invalidateTimeoutMs'>>
}

/** Opens a service's database, Redis, cache and bus. None has to be there yet: each is waited for where it is used. */
export function openServiceParts<DB>(
  settings: ServiceSettings,
  { service, logger }: ServiceIdentity,
  overrides: PartOverrides = {},
): ServiceParts<DB> {
  const { DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: poolSize } = settings
  const connections: RedisClient[] = []
  const observer = createObserver()
  const open = (url: string, settings: RedisSettings = {}) => {
    const redis = openRedis(url, logger, { connectionName: service, ...settings })
    connections.push(redis)
    const { connectionName } = settings
    observer.watch(connectionName ? `redis ${connectionName}` : 'redis', () => pingRedis(redis))
    return redis
  }
  const database = createDatabase<DB>({
    url: databaseUrl,
    service,
    poolSize,
    tags: queryTags,
    logger,
    ...overrides.database,
  })
  const redis = open(settings.REDIS_URL)
  const enabled = settings.CACHE_ENABLED
  const cache = createCache({ redis, domain: service, logger, enabled, ...overrides.cache })
  const brokers = [...settings.KAFKA_BROKERS]
  const bus = overrides.bus ?? createKafkaBus({ brokers, clientId: service, logger })
  observer.watch('kafka', () => bus.ping())
  return {
    database,
    databaseUrl,
    redis,
    cache,
    bus,
    observed: () => observer.state(),
    logger,
    openRedis: open,
    startObserving: () => observer.start(),
    close: () =>
      closeInOrder([
        async () => observer.close(),
        () => bus.close(),
        () => cache.close(),
        async () => {
          for (const connection of connections) connection.disconnect()
        },
        () => database.close(),
      ]),
  }
}
