import DataLoader from 'dataloader'
import type { AccountCache } from './account.cache.ts'
import type { AccountRepository, AccountRow } from './account.repository.ts'
import type { AddressRepository, AddressRow } from './address.repository.ts'

/** By account id: whoever asks gets the same rows. */
export function createAccountLoaders(parts: {
  accounts: AccountRepository
  addresses: AddressRepository
  cache: AccountCache
}) {
  const { accounts, addresses, cache } = parts
  return {
    byId: new DataLoader<string, AccountRow | null>((ids) => cache.account.getMany(ids, accounts.findByIds)),
    addresses: new DataLoader<string, readonly AddressRow[]>(async (ids) => {
      const lists = await cache.addresses.getMany(ids, addresses.findByUsers)
      return lists.map((list) => list ?? [])
    }),
  }
}
