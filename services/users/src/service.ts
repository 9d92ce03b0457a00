import { asOperation } from '@freshet/database'
import { createConsumer, createOutboxRelay, type EventHandler, pruneInbox } from '@freshet/events'
import type { ShutdownTimes } from '@freshet/http'
import type { RedisClient } from '@freshet/redis'
import {
  createInvalidateOutward,
  createSelfInvalidator,
  createSubgraph,
  createWrite,
  type Service,
  type SharedParts,
} from '@freshet/subgraph'
import { createAccountCommands } from './account/account.commands.ts'
import { createPasswords, type PasswordSettings } from './account/password.ts'
import { createCaches } from './caches.ts'
import { createContext } from './context.ts'
import type { DB } from './generated/db.ts'
import { invalidated } from './invalidated.events.ts'
import { invalidations } from './invalidation.ts'
import { createNotificationCommands } from './notification/notification.commands.ts'
import { createProductFactsConsumer, PRODUCT_FACTS } from './product-facts/product-facts.events.ts'
import { createRepositories } from './repositories.ts'
import { resolvers, schema } from './schema.ts'
import { createSessionCommands } from './session/session.commands.ts'
import { createSignInLimits, type SignInLimitSettings } from './session/session.limits.ts'
import { createSessionRoutes } from './session/session.routes.ts'
import { createSessionStore, type SessionSettings } from './session/session.store.ts'
import { createWishlistCommands } from './wishlist/wishlist.commands.ts'

/** What the service runs on. Whoever opened it closes it. */
export interface UsersParts extends SharedParts<DB> {
  /** With a bound on how long a command may take: a sign-in must not hang. */
  readonly sessionRedis: RedisClient
  readonly secret: string
  readonly shutdown: ShutdownTimes
  readonly passwords: PasswordSettings
  readonly sessions: SessionSettings
  readonly limits: SignInLimitSettings
  /** The most things on one wishlist, if not the usual. */
  readonly wishlistLimit?: number
}

/** The service: the subgraph, its relay and its consumers. */
export interface Users extends Service {
  /** Reactions to events by consumer group, for tests that deliver events themselves. */
  readonly reactions: Readonly<Record<string, readonly EventHandler[]>>
}

const UPKEEP_INTERVAL_MS = 6 * 3_600_000

export async function createUsers(parts: UsersParts): Promise<Users> {
  const { database, databaseUrl, cache, sessionRedis, bus, observed, logger, secret, shutdown } = parts
  const { db } = database
  const repositories = createRepositories(db)
  const caches = createCaches(cache)
  const relay = createOutboxRelay({ url: databaseUrl, service: 'users', bus, logger })
  const write = createWrite({ service: 'users', db, cache, relay, invalidations, logger })
  const sessions = createSessionStore(sessionRedis, parts.sessions)
  const limits = createSignInLimits(sessionRedis, parts.limits)
  const passwords = await createPasswords(parts.passwords)
  const shared = { ...repositories, write, passwords, limits, sessions }
  const commands = {
    account: createAccountCommands(shared),
    session: createSessionCommands(shared),
    wishlist: createWishlistCommands({ ...shared, limit: parts.wishlistLimit }),
    notification: createNotificationCommands(shared),
  }
  const telling = { bus, service: 'users', cache, invalidated }
  const reactions = {
    [PRODUCT_FACTS]: createProductFactsConsumer({ ...shared, invalidate: createInvalidateOutward(telling) }),
  }
  const consumers = [
    ...Object.entries(reactions).map(([group, handlers]) =>
      createConsumer({ bus, group, service: 'users', logger, handlers }),
    ),
    createSelfInvalidator({ ...telling, invalidations, logger }),
  ]
  const subgraph = await createSubgraph({
    name: 'users',
    schema,
    resolvers,
    context: ({ viewer }) => createContext({ repositories, sessions, caches, commands }, viewer),
    database,
    secret,
    logger,
    shutdown,
    routes: createSessionRoutes({ ...shared, cache: caches.account }),
    // Without Redis nobody signs in or is verified, but profiles are still served, slower; without Kafka events
    // wait. Only without the database is there nothing to answer.
    checks: { postgres: () => database.ping() },
    observed,
  })
  let upkeep: NodeJS.Timeout | undefined

  const forgetOldEvents = () =>
    asOperation('upkeep', () => pruneInbox(db)).catch((error: unknown) =>
      logger.error({ err: error }, 'the inbox was not pruned'),
    )

  return {
    subgraph,
    reactions,
    async start() {
      upkeep = setInterval(() => void forgetOldEvents(), UPKEEP_INTERVAL_MS)
      relay.start()
      await Promise.all(consumers.map((consumer) => consumer.start()))
    },
    async close() {
      clearInterval(upkeep)
      await subgraph.close()
      await Promise.all(consumers.map((consumer) => consumer.close()))
      await relay.close()
    },
  }
}
