import { migrate, provision } from '@freshet/database'
import type { EventBus } from '@freshet/events'
import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, parts, type TestDatabase, uniqueName } from '@freshet/testing'
import { openServiceParts, type ServiceParts } from '../service/service-parts.ts'

/** Which service is tested. */
export interface TestService {
  readonly service: string
  /** Its folder of migrations. */
  readonly migrations: URL
}

/** A service's parts on a database of one's own. */
export interface TestParts<DB> extends ServiceParts<DB> {
  readonly testDatabase: TestDatabase
  /** The cache's: of one's own, too. Other test files cache other rows in the same Redis. */
  readonly domain: string
}

/** A database of one test file, provisioned and migrated as in production. */
export const createServiceDatabase = ({ service, migrations }: TestService): Promise<TestDatabase> =>
  createTestDatabase({ service, migrations, migrate, provision })

/**
 * A service's parts as `startService` opens them, for the tests of one file: nothing that they write is seen by
 * another file. LOG_LEVEL shows what is logged. `close()` removes the database.
 *
 * @param options.bus instead of Kafka's; closed with the rest
 * @param options.redisUrl instead of the database 0 of the tests' Redis: see {@link claimRedisDatabase}
 * @param options.statementTimeoutMs default 20,000: a busy machine must not turn a slow statement into an error
 */
export async function openTestParts<DB>(
  options: TestService & {
    readonly bus?: EventBus
    readonly redisUrl?: string
    readonly statementTimeoutMs?: number
  },
): Promise<TestParts<DB>> {
  const { service, bus, redisUrl = parts().redisUrl, statementTimeoutMs = 20_000 } = options
  const testDatabase = await createServiceDatabase(options)
  const logger = createLogger(`${service}-test`, { level: (process.env.LOG_LEVEL as 'debug') ?? 'silent' })
  const domain = uniqueName(service)
  const opened = openServiceParts<DB>(
    {
      DATABASE_URL: testDatabase.url,
      DATABASE_POOL_SIZE: 10,
      REDIS_URL: redisUrl,
      KAFKA_BROKERS: parts().kafkaBrokers,
      CACHE_ENABLED: true,
    },
    { service, logger },
    // Patient: a busy machine must not turn a hit into a bypass.
    {
      bus,
      cache: { domain, timeoutMs: 20_000, invalidateTimeoutMs: 20_000 },
      database: { connectTimeoutMs: 20_000, statementTimeoutMs },
    },
  )
  return {
    ...opened,
    testDatabase,
    domain,
    async close() {
      await opened.close()
      await testDatabase.close()
    },
  }
}
