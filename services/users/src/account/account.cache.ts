import type { Cache } from '@freshet/cache'
import type { AccountRow } from './account.repository.ts'
import type { AddressRow } from './address.repository.ts'

export const userTag = (userId: string): string => `user:${userId}`

/** On every entry here: for a change of nobody knows whom. */
export const ANY_USER_TAG = 'user'

export type AccountCache = ReturnType<typeof createAccountCache>

/**
 * Rows by account id, the same for every viewer: what a viewer may see is decided on each read, in the
 * resolvers. An entry that depends on the viewer does not belong here.
 */
export function createAccountCache(cache: Cache) {
  return {
    account: cache.define<AccountRow>({
      name: 'account',
      version: 1,
      ttlSeconds: 3600,
      negativeTtlSeconds: 60,
      jitter: 0.1,
      tags: (userId) => [userTag(userId), ANY_USER_TAG],
    }),
    addresses: cache.define<readonly AddressRow[]>({
      name: 'addresses',
      version: 1,
      ttlSeconds: 3600,
      negativeTtlSeconds: 60,
      jitter: 0.1,
      tags: (userId) => [userTag(userId), ANY_USER_TAG],
    }),
  }
}
