import { type Cache, createCache } from '@freshet/cache'
import type { EventBus } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import type { OperationResult, Subgraph } from '@freshet/subgraph'
import { encodeId } from '@freshet/subgraph'
import { openTestParts } from '@freshet/subgraph/testing'
import type { DB } from '../src/generated/db.ts'
import { createCatalog } from '../src/service.ts'
import { fillShop } from './shop-data.ts'

export const seller: Viewer = { id: '7', roles: ['CUSTOMER', 'SELLER'], sessionId: 's7' }
export const otherSeller: Viewer = { id: '8', roles: ['SELLER'], sessionId: 's8' }
export const customer: Viewer = { id: '9', roles: ['CUSTOMER'], sessionId: 's9' }
export const admin: Viewer = { id: '1', roles: ['ADMIN'], sessionId: 's1' }

export const productId = (id: number | string) => encodeId('Product', String(id))
export const categoryId = (id: number | string) => encodeId('Category', String(id))
export const brandId = (id: number | string) => encodeId('Brand', String(id))
export const variantId = (id: number | string) => encodeId('Variant', String(id))
export const userId = (id: number | string) => encodeId('User', String(id))

export type Shop = Awaited<ReturnType<typeof openShop>>

export const service = { service: 'catalog', migrations: new URL('../migrations/', import.meta.url) }
export const SECRET = 'a secret for tests only'

/** The service on a database of its own with a small shop in it (shop-data.ts), without HTTP; nothing is started. */
export async function openShop(options: { bus?: EventBus; statementTimeoutMs?: number } = {}) {
  const parts = await openTestParts<DB>({ ...service, ...options })
  await fillShop(parts.database.db)
  const { redis, domain, cache, logger } = parts
  const noCache = createCache({ redis, domain, logger, enabled: false })
  const common = { ...parts, secret: SECRET, shutdown: { graceMs: 1_000 } }
  const cached = await createCatalog(common)
  const uncached = await createCatalog({ ...common, cache: noCache })

  const asker = (subgraph: Subgraph) => {
    return async (
      query: string,
      variables: Record<string, unknown> = {},
      viewer: Viewer | null = null,
      // biome-ignore lint/suspicious/noExplicitAny: a test reads the answer that it asked for.
    ): Promise<OperationResult<any>> => subgraph.executeOperation({ query, variables, viewer })
  }
  return {
    ...parts,
    catalog: cached,
    /** The same service once more on the same database, with another cache. */
    openWith: (other: Cache) => createCatalog({ ...common, cache: other }),
    /** Asks the service as it runs in production. */
    ask: asker(cached.subgraph),
    /** Asks the same database past every cache. */
    askUncached: asker(uncached.subgraph),
    /** As if nothing had been asked before. */
    forget: () => cache.clear(),
    async close() {
      await cached.close()
      await uncached.close()
      await noCache.close()
      await parts.close()
    },
  }
}

/** The data of an answer that must have no errors. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads the answer that it asked for.
export function dataOf(result: OperationResult<any>): any {
  if (result.errors) throw new Error(`Unexpected errors: ${JSON.stringify(result.errors)}`)
  return result.data
}

/** The one error of an answer: its code, and the argument that it names. */
export function errorOf(result: OperationResult): { code: unknown; argument: unknown } {
  const { code, argument } = result.errors?.[0]?.extensions ?? {}
  return { code, argument }
}
