import { type Cache, createCache } from '@freshet/cache'
import { createDatabase, type Database, migrate, provision } from '@freshet/database'
import { createLogger } from '@freshet/telemetry'
import { createTestDatabase, parts, uniqueName } from '@freshet/testing'
import { Redis } from 'ioredis'
import { createSubgraph, createWrite, type Subgraph, type SubgraphOptions } from '../../src/index.ts'
import { queryTags } from '../../src/query-tags.ts'
import { createShopCache, createShopLoaders, type ShopContext } from './context.ts'
import { invalidations } from './events.ts'
import { resolvers } from './resolvers.ts'
import type { DB } from './src/generated/db.ts'

export const secret = 'shop-test-secret-0001'
export const schema = new URL('./schema/', import.meta.url)
export const migrations = new URL('./migrations/', import.meta.url)

/** A whole small service on a database of its own, with what it logs. */
export interface Shop {
  subgraph: Subgraph
  database: Database<DB>
  cache: Cache
  /** What it has logged, as objects. */
  logged: Record<string, unknown>[]
  close(): Promise<void>
}

export async function openShop(options: Partial<SubgraphOptions<ShopContext>> = {}): Promise<Shop> {
  const server = await createTestDatabase({ service: 'shop', migrations, migrate, provision })
  const logged: Record<string, unknown>[] = []
  const logger = createLogger('shop', { destination: { write: (line) => logged.push(JSON.parse(line)) } })
  const database = createDatabase<DB>({
    url: server.url,
    service: 'shop',
    // Patient: a busy machine must not turn a statement into an error. The slow field has a timeout of its own.
    connectTimeoutMs: 20_000,
    statementTimeoutMs: 20_000,
    tags: queryTags,
    logger,
  })
  await database.db
    .insertInto('products')
    .values(
      ['Anvil', 'Bell', 'Cup', 'Drum', 'Egg'].map((name, index) => ({
        id: String(index + 1),
        name,
        added_at: new Date(Date.UTC(2026, 10, index + 1)),
      })),
    )
    .execute()
  const redis = new Redis(parts().redisUrl)
  const cache = createCache({
    redis,
    domain: uniqueName('shop'),
    logger,
    timeoutMs: 20_000,
    invalidateTimeoutMs: 20_000,
  })
  const entities = createShopCache(cache)
  const relay = { wake() {} }
  const write = createWrite({ service: 'shop', db: database.db, cache, relay, invalidations, logger })
  const subgraph = await createSubgraph<ShopContext>({
    name: 'shop',
    schema,
    resolvers,
    database,
    secret,
    logger,
    checks: { postgres: () => database.ping() },
    context: (input) => ({
      ...input,
      database,
      write,
      loaders: createShopLoaders(database, entities, input.viewer),
    }),
    ...options,
  })
  return {
    subgraph,
    database,
    cache,
    logged,
    async close() {
      await subgraph.close()
      await cache.close()
      redis.disconnect()
      await database.close()
      await server.close()
    },
  }
}
