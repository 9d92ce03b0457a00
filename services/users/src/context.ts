import type { Viewer } from '@freshet/http'
import type { AccountCommands } from './account/account.commands.ts'
import { createAccountLoaders } from './account/account.loaders.ts'
import type { Caches } from './caches.ts'
import type { NotificationCommands } from './notification/notification.commands.ts'
import { createNotificationLoaders } from './notification/notification.loaders.ts'
import { createProductFactsLoaders } from './product-facts/product-facts.loaders.ts'
import type { Repositories } from './repositories.ts'
import type { SessionCommands } from './session/session.commands.ts'
import { createSessionLoaders } from './session/session.loaders.ts'
import type { SessionStore } from './session/session.store.ts'
import type { WishlistCommands } from './wishlist/wishlist.commands.ts'
import { createWishlistLoaders } from './wishlist/wishlist.loaders.ts'

/** What resolvers are given. */
export interface Context {
  /** Null for an anonymous viewer. */
  readonly viewer: () => Viewer | null
  /** Accounts whose password this very request has proven to know: their owner may read them in its answer. */
  readonly provenOwnerOf: Set<string>
  /** One set per request: a loader's memory must not outlive the viewer it was filled for. */
  loaders: Loaders
  readonly commands: Commands
  /** After a write: what the request had loaded before may no longer be true. */
  forgetLoaded(this: Context): void
}

export type Loaders = ReturnType<typeof createLoaders>

export interface Commands {
  readonly account: AccountCommands
  readonly session: SessionCommands
  readonly wishlist: WishlistCommands
  readonly notification: NotificationCommands
}

export interface ContextParts {
  readonly repositories: Repositories
  readonly sessions: SessionStore
  readonly caches: Caches
  readonly commands: Commands
}

/** Called once for each request. */
export function createContext(parts: ContextParts, viewer: () => Viewer | null): Context {
  return {
    viewer,
    provenOwnerOf: new Set(),
    loaders: createLoaders(parts, viewer),
    commands: parts.commands,
    // On `this`: Apollo Server hands resolvers a copy of what is returned here.
    forgetLoaded() {
      this.loaders = createLoaders(parts, viewer)
    },
  }
}

function createLoaders({ repositories, sessions, caches }: ContextParts, viewer: () => Viewer | null) {
  return {
    account: createAccountLoaders({ ...repositories, cache: caches.account }),
    session: createSessionLoaders({ sessions }),
    wishlist: createWishlistLoaders({ ...repositories, cache: caches.wishlist, viewer }),
    notification: createNotificationLoaders({ ...repositories, cache: caches.notification }),
    productFacts: createProductFactsLoaders({ ...repositories, cache: caches.productFacts }),
  }
}
