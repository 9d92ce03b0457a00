import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

export interface AddressRow {
  readonly userId: string
  readonly id: string
  readonly recipient: string
  readonly lines: readonly string[]
  readonly city: string
  readonly postalCode: string | null
  readonly country: string
  readonly isDefault: boolean
}

export type AddressRepository = ReturnType<typeof createAddressRepository>

export function createAddressRepository(db: Kysely<DB>) {
  return {
    /** Each user's addresses in one statement, the default one first. */
    findByUsers: async (userIds: readonly string[]): Promise<(readonly AddressRow[])[]> => {
      const rows = await db
        .selectFrom('addresses')
        .select([
          'user_id as userId',
          'id',
          'recipient',
          'lines',
          'city',
          'postal_code as postalCode',
          'country',
          'is_default as isDefault',
        ])
        .where('user_id', '=', sql<string>`any(${userIds}::bigint[])`)
        .orderBy('user_id')
        .orderBy('is_default', 'desc')
        .orderBy('id')
        .execute()
      const byUser = Map.groupBy(rows, (row) => row.userId)
      return userIds.map((id) => byUser.get(id) ?? [])
    },
  }
}
