import type { Cache } from '@freshet/cache'
import type { Database } from '@freshet/database'
import { createSubgraph, type Subgraph } from '@freshet/subgraph'
import type { Logger } from '@freshet/telemetry'
import { createContext, createLoaderFactory } from './context.ts'
import type { DB } from './generated/db.ts'
import { createProductCommands } from './product/product.commands.ts'
import { resolvers, schemaFolder } from './schema.ts'

/** What the service is built from; whoever opened it closes it. */
export interface CatalogParts {
  database: Pick<Database<DB>, 'db'>
  cache: Cache
  logger: Logger
  secret: string
  /** Called after each commit that stored an event. */
  wakeRelay: () => void
  checks: Record<string, () => Promise<void>>
  graceMs?: number
}

/** The subgraph, ready to listen. Opens nothing itself. */
export function createCatalog(parts: CatalogParts): Promise<Subgraph> {
  const { database, cache, logger, secret, wakeRelay, checks, graceMs } = parts
  const { db } = database
  const createLoaders = createLoaderFactory({ db, cache })
  return createSubgraph({
    name: 'catalog',
    schema: schemaFolder,
    resolvers,
    context: createContext(createLoaders, createProductCommands({ db, cache, logger, wakeRelay })),
    secret,
    logger,
    checks,
    graceMs,
  })
}
