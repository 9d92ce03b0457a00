import { cachedLoader } from '@freshet/subgraph'
import type { AccountCache } from './account.cache.ts'
import type { AccountRepository } from './account.repository.ts'
import type { AddressRepository } from './address.repository.ts'

/** By account id: whoever asks gets the same rows. */
export function createAccountLoaders(parts: {
  accounts: AccountRepository
  addresses: AddressRepository
  cache: AccountCache
}) {
  const { accounts, addresses, cache } = parts
  return {
    byId: cachedLoader({ entity: cache.account, load: accounts.findByIds }),
    addresses: cachedLoader({ entity: cache.addresses, load: addresses.findByUsers }),
  }
}
