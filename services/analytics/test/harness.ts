import type { Cache } from '@freshet/cache'
import type { EventBus } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import { openTestParts } from '@freshet/subgraph/testing'
import { sql } from 'kysely'
import type { DB } from '../src/generated/db.ts'
import { createAnalytics } from '../src/service.ts'

const SECRET = 'a-secret-of-the-tests'

export const service = { service: 'analytics', migrations: new URL('../migrations/', import.meta.url) }

/** The whole service on real parts; nothing is started, so nothing changes behind a test's back. */
export async function openAnalytics({ bus }: { bus?: EventBus } = {}) {
  const parts = await openTestParts<DB>({ ...service, bus })
  const openWith = (cache: Cache) =>
    createAnalytics({ ...parts, cache, secret: SECRET, shutdown: { graceMs: 1_000 } })
  const analytics = await openWith(parts.cache)
  return {
    ...parts,
    analytics,
    /** One more process of the service, on the same database and bus, with another cache. */
    openWith,
    subgraph: analytics.subgraph,
    async close() {
      await analytics.close()
      await parts.close()
    },
  }
}

export const customer: Viewer = { id: '7', roles: ['CUSTOMER'], sessionId: 's7' }
export const seller: Viewer = { id: '9', roles: ['CUSTOMER', 'SELLER'], sessionId: 's9' }
export const admin: Viewer = { id: '1', roles: ['CUSTOMER', 'ADMIN'], sessionId: 's1' }

/** Tells the projection of products 1 to `count`, all of seller 9, in categories 1 > 2. */
export async function insertFacts(
  database: Awaited<ReturnType<typeof openAnalytics>>['database'],
  count: number,
) {
  await sql`
    insert into product_facts (product_id, version, title, seller_id, category_ids, price_minor, currency)
    select id, 1, 'Product ' || id, 9, array[1, 2], 1000, 'USD' from generate_series(1, ${count}::integer) as id
  `.execute(database.db)
}
