import type { Kysely } from 'kysely'
import { createAccountRepository } from './account/account.repository.ts'
import { createAddressRepository } from './account/address.repository.ts'
import type { DB } from './generated/db.ts'
import { createNotificationRepository } from './notification/notification.repository.ts'
import { createProductFactsRepository } from './product-facts/product-facts.repository.ts'
import { createWishlistRepository } from './wishlist/wishlist.repository.ts'

export type Repositories = ReturnType<typeof createRepositories>

/** All of the service's SQL. */
export const createRepositories = (db: Kysely<DB>) => ({
  accounts: createAccountRepository(db),
  addresses: createAddressRepository(db),
  wishlist: createWishlistRepository(db),
  notifications: createNotificationRepository(db),
  facts: createProductFactsRepository(db),
})
