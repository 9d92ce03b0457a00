import { aligned } from '@freshet/database'
import type { Role } from '@freshet/http'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'

/**
 * An account as it is read and cached: by id, whole, the same for every viewer. Who may see which
 * field is decided in the resolvers. The password hash is not in it, so it can't reach a cache.
 */
export interface AccountRow {
  readonly id: string
  readonly handle: string
  readonly email: string
  readonly displayName: string
  readonly avatarUrl: string | null
  readonly roles: readonly Role[]
  readonly locale: string
  readonly currency: string
  readonly priceDropNotifications: boolean
  readonly createdAt: Date
  readonly version: number
}

/** What a sign-in compares with; never cached. */
export interface CredentialsRow {
  readonly id: string
  readonly passwordHash: string
}

export interface NewAccount {
  readonly handle: string
  readonly email: string
  readonly passwordHash: string
  readonly displayName: string
}

/** What a profile update may change. */
export type ProfileChanges = Partial<
  Pick<AccountRow, 'displayName' | 'avatarUrl' | 'locale' | 'currency' | 'priceDropNotifications'>
>

export type AccountRepository = ReturnType<typeof createAccountRepository>

export function createAccountRepository(db: Kysely<DB>) {
  return {
    /** One statement, in the order asked for; null for ids that nobody has. */
    findByIds: async (ids: readonly string[]): Promise<(AccountRow | null)[]> => {
      const rows = await db
        .selectFrom('accounts')
        .select(accountColumns)
        .where('id', '=', sql<string>`any(${ids}::bigint[])`)
        .execute()
      return aligned(ids, rows.map(toAccountRow), (row) => row.id)
    },

    /** `email` as it is stored: trimmed, NFC, lower case. */
    async findCredentials(email: string): Promise<CredentialsRow | null> {
      const row = await db
        .selectFrom('accounts')
        .select(['id', 'password_hash as passwordHash'])
        .where('email', '=', email)
        .executeTakeFirst()
      return row ?? null
    },

    /** Which of the two somebody has already. */
    async findTaken(email: string, handle: string): Promise<{ email: boolean; handle: boolean }> {
      const rows = await db
        .selectFrom('accounts')
        .select(['email', 'handle'])
        .where((where) => where.or([where('email', '=', email), where('handle', '=', handle)]))
        .execute()
      return {
        email: rows.some((row) => row.email === email),
        handle: rows.some((row) => row.handle === handle),
      }
    },

    /** Null when e-mail or handle is taken, also by a sign-up that runs at the same time: it is waited for. */
    async insert(trx: Transaction<DB>, account: NewAccount): Promise<AccountRow | null> {
      const row = await trx
        .insertInto('accounts')
        .values({
          handle: account.handle,
          email: account.email,
          password_hash: account.passwordHash,
          display_name: account.displayName,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(accountColumns)
        .executeTakeFirst()
      return row === undefined ? null : toAccountRow(row)
    },

    /** Locked until the transaction ends, so that an account's changes and their events keep one order. */
    async lock(trx: Transaction<DB>, id: string): Promise<AccountRow | null> {
      const row = await trx
        .selectFrom('accounts')
        .select(accountColumns)
        .where('id', '=', id)
        .forNoKeyUpdate()
        .executeTakeFirst()
      return row === undefined ? null : toAccountRow(row)
    },

    async update(trx: Transaction<DB>, id: string, changes: ProfileChanges): Promise<AccountRow> {
      const row = await trx
        .updateTable('accounts')
        .set((set) => ({
          display_name: changes.displayName,
          avatar_url: changes.avatarUrl,
          locale: changes.locale,
          currency: changes.currency,
          price_drop_notifications: changes.priceDropNotifications,
          updated_at: sql<Date>`now()`,
          version: set('version', '+', 1),
        }))
        .where('id', '=', id)
        .returning(accountColumns)
        .executeTakeFirstOrThrow()
      return toAccountRow(row)
    },

    /** Only if it is still the hash that was verified: a password changed meanwhile must win. */
    async replacePasswordHash(id: string, verified: string, renewed: string): Promise<void> {
      await db
        .updateTable('accounts')
        .set({ password_hash: renewed })
        .where('id', '=', id)
        .where('password_hash', '=', verified)
        .execute()
    },
  }
}

const accountColumns = [
  'id',
  'handle',
  'email',
  'display_name',
  'avatar_url',
  'roles',
  'locale',
  'currency',
  'price_drop_notifications',
  'created_at',
  'version',
] as const

interface StoredAccount {
  id: string
  handle: string
  email: string
  display_name: string
  avatar_url: string | null
  roles: string[]
  locale: string
  currency: string
  price_drop_notifications: boolean
  created_at: Date
  version: number
}

function toAccountRow(row: StoredAccount): AccountRow {
  return {
    id: row.id,
    handle: row.handle,
    email: row.email,
    displayName: row.display_name,
    avatarUrl: row.avatar_url,
    // The table's check constraint holds no other words.
    roles: row.roles as Role[],
    locale: row.locale,
    currency: row.currency,
    priceDropNotifications: row.price_drop_notifications,
    createdAt: row.created_at,
    version: row.version,
  }
}
