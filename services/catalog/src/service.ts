import { createOutboxRelay } from '@freshet/events'
import type { ShutdownTimes } from '@freshet/http'
import {
  createSelfInvalidator,
  createSubgraph,
  createWrite,
  type Service,
  type SharedParts,
} from '@freshet/subgraph'
import { createContext, createLoaderFactory } from './context.ts'
import type { DB } from './generated/db.ts'
import { invalidated } from './invalidated.events.ts'
import { createProductCommands } from './product/product.commands.ts'
import { invalidations } from './product/product.invalidation.ts'
import { resolvers, schema } from './schema.ts'

/** What the service runs on. Whoever opened it closes it. */
export interface CatalogParts extends SharedParts<DB> {
  readonly secret: string
  readonly shutdown: ShutdownTimes
}

/** The service: the subgraph, its relay and its consumer. */
export async function createCatalog(parts: CatalogParts): Promise<Service> {
  const { database, databaseUrl, cache, bus, observed, logger, secret, shutdown } = parts
  const { db } = database
  const relay = createOutboxRelay({ url: databaseUrl, service: 'catalog', bus, logger })
  const invalidator = createSelfInvalidator({
    service: 'catalog',
    bus,
    cache,
    invalidations,
    invalidated,
    logger,
  })
  const write = createWrite({ service: 'catalog', db, cache, relay, invalidations, logger })
  const commands = createProductCommands({ db, write })
  const subgraph = await createSubgraph({
    name: 'catalog',
    schema,
    resolvers,
    context: createContext(createLoaderFactory({ db, cache }), commands),
    database,
    secret,
    logger,
    shutdown,
    // Without Redis or Kafka the service still answers, slower, and its events wait: only the database is vital.
    checks: { postgres: () => database.ping() },
    observed,
  })

  return {
    subgraph,
    async start() {
      relay.start()
      await invalidator.start()
    },
    async close() {
      await subgraph.close()
      await invalidator.close()
      await relay.close()
    },
  }
}
