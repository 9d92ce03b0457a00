import type { Cache } from '@freshet/cache'
import { type CloudEvent, type EventBus, type EventDefinition, makeEvent } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import { encodeId, type OperationInput } from '@freshet/subgraph'
import { claimRedisDatabase, openTestParts } from '@freshet/subgraph/testing'
import { sql } from 'kysely'
import type { DB } from '../src/generated/db.ts'
import { catalogProductChanged, PRODUCT_FACTS } from '../src/product-facts/product-facts.events.ts'
import { createUsers, type UsersParts } from '../src/service.ts'
import { sessionRedisOptions } from '../src/session/session.redis.ts'

export const SECRET = 'a-secret-of-the-tests'
export const PASSWORD = 'correct horse battery'

export const service = { service: 'users', migrations: new URL('../migrations/', import.meta.url) }

export type Harness = Awaited<ReturnType<typeof openUsers>>

/** The whole service on real parts; nothing is started, so nothing changes behind a test's back. */
export async function openUsers(
  options: { bus?: EventBus } & Partial<Pick<UsersParts, 'limits' | 'sessions' | 'wishlistLimit'>> = {},
) {
  // Accounts are numbered alike in every test's database, and so are their sessions' keys.
  const own = await claimRedisDatabase()
  const parts = await openTestParts<DB>({ ...service, bus: options.bus, redisUrl: own.url })
  const sessionRedis = parts.openRedis(own.url, { connectionName: 'users-sessions', ...sessionRedisOptions })
  const openWith = (cache: Cache) =>
    createUsers({
      ...parts,
      cache,
      sessionRedis,
      secret: SECRET,
      shutdown: { graceMs: 1_000 },
      // The least that argon2 takes: the tests are about everything around it.
      passwords: { memoryKib: 8, passes: 1 },
      sessions: options.sessions ?? { lifetimeSeconds: 3600, perAccount: 100 },
      limits: options.limits ?? { triesPerAccount: 10, windowSeconds: 60, triesPerMinute: 10_000 },
      wishlistLimit: options.wishlistLimit,
    })
  const users = await openWith(parts.cache)
  const run = (operation: OperationInput) => users.subgraph.executeOperation(operation)
  return {
    ...parts,
    users,
    db: parts.database.db,
    sessionRedis,
    /** One more process of the service, on the same database and bus, with another cache. */
    openWith,
    subgraph: users.subgraph,
    run,
    async close() {
      await users.close()
      await parts.close()
      await own.close()
    },
  }
}

/** As the gateway would forward it. */
export const viewer = (id: string, roles: Viewer['roles'] = ['CUSTOMER']): Viewer => ({
  id,
  roles,
  sessionId: `session-${id}`,
})

/** Accounts with the ids 1 to `count`, without passwords. */
export async function insertAccounts({ db }: Pick<Harness, 'db'>, count: number): Promise<void> {
  await sql`
    insert into accounts (id, handle, email, password_hash, display_name)
    select id, 'user-' || id, 'user-' || id || '@example.com', '-', 'User ' || id
    from generate_series(1, ${count}::integer) as id`.execute(db)
  await sql`select setval(pg_get_serial_sequence('accounts', 'id'), ${count})`.execute(db)
}

/** Products 1 to `count` are known, at 1,000 cents. */
export async function insertFacts({ db }: Pick<Harness, 'db'>, count: number): Promise<void> {
  await sql`
    insert into product_facts (product_id, title, price_minor, currency, version, changed_at)
    select id, 'Product ' || id, 1000, 'USD', 1, now() from generate_series(1, ${count}::integer) as id`.execute(
    db,
  )
}

export const productId = (id: number | string): string => encodeId('Product', String(id))
export const userId = (id: number | string): string => encodeId('User', String(id))

/** catalog's event, with more in it than this service reads. */
export function productChanged(data: {
  productId: string
  version: number
  amount: number
  title?: string
  currency?: string
}): CloudEvent {
  const event: EventDefinition = {
    ...catalogProductChanged,
    owner: 'catalog',
    description: '',
    subject: () => data.productId,
  }
  return {
    ...makeEvent('catalog', { event, data: readable(data) }),
    data: { ...readable(data), change: 'priced', sellerId: '9', categoryIds: ['1', '2'], available: 3 },
  }
}

const readable = ({
  productId,
  version,
  amount,
  title = `Product ${productId}`,
  currency = 'USD',
}: Parameters<typeof productChanged>[0]) => ({
  productId,
  version,
  title,
  price: { amount, currency },
  changedAt: new Date().toISOString(),
})

/** Hands an event to the consumer of product facts, as a delivery would. */
export async function deliver({ users }: Pick<Harness, 'users'>, event: CloudEvent): Promise<void> {
  for (const handler of users.reactions[PRODUCT_FACTS]!) {
    if (handler.kind !== 'one' || handler.reading.type !== event.type) continue
    const context = { consumer: PRODUCT_FACTS, attempt: 1, signal: new AbortController().signal }
    await handler.handle(event, context)
  }
}

/** Types and data of what waits in the outbox, in order. */
export async function storedEvents({ db }: Pick<Harness, 'db'>): Promise<{ type: string; data: unknown }[]> {
  const rows = await db.selectFrom('outbox').select(['type', 'payload']).orderBy('seq').execute()
  return rows.map(({ type, payload }) => ({ type, data: (JSON.parse(payload) as CloudEvent).data }))
}
