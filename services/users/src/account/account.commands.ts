import { newEvent } from '@freshet/events'
import type { Write } from '@freshet/subgraph'
import { unauthenticated, userError } from '@freshet/subgraph'
import type { DB } from '../generated/db.ts'
import { notificationsChanged } from '../notification/notification.events.ts'
import { welcomeMessage } from '../notification/notification.messages.ts'
import type { NotificationRepository } from '../notification/notification.repository.ts'
import type { SignInLimits } from '../session/session.limits.ts'
import type { SessionRow, SessionStore } from '../session/session.store.ts'
import { rateLimited, type UserErrorRow } from '../user-errors.ts'
import { accountChanged } from './account.events.ts'
import {
  type ProfileInput,
  readDisplayName,
  readEmail,
  readHandle,
  readNewPassword,
  readProfileChanges,
} from './account.input.ts'
import type { AccountRepository, AccountRow, ProfileChanges } from './account.repository.ts'
import { isReservedHandle } from './handles.ts'
import type { Passwords } from './password.ts'

export interface SignUpInput {
  readonly email: string
  readonly password: string
  readonly handle: string
  readonly displayName: string
}

/** Either a session, or why there is none. */
export type SignedIn =
  | { readonly session: SessionRow & { token: string } }
  | { readonly refused: readonly UserErrorRow[] }

export type AccountCommands = ReturnType<typeof createAccountCommands>

export function createAccountCommands(parts: {
  write: Write<DB>
  accounts: AccountRepository
  notifications: NotificationRepository
  passwords: Passwords
  limits: SignInLimits
  sessions: SessionStore
}) {
  const { write, accounts, notifications, passwords, limits, sessions } = parts

  return {
    /**
     * Opens an account and a session. Of two sign-ups with one e-mail at the same time, one wins.
     *
     * Session and account can't be one transaction: if Redis goes away in between, the account exists and
     * the answer is an error that says so; signing in works later.
     */
    async signUp(input: SignUpInput): Promise<SignedIn> {
      const email = readEmail(input.email, 'input.email')
      const password = readNewPassword(input.password, 'input.password')
      const handle = readHandle(input.handle, 'input.handle')
      const displayName = readDisplayName(input.displayName, 'input.displayName')
      if (isReservedHandle(handle)) return { refused: [handleTaken] }
      const wait = await limits.trySignUp()
      if (wait !== null) return { refused: [rateLimited(wait)] }
      // Asked first to spare the hash; asked for good by the insert.
      const taken = takenErrors(await accounts.findTaken(email, handle))
      if (taken.length > 0) return { refused: taken }
      const passwordHash = await passwords.hash(password)

      const account = await write(async (trx) => {
        const account = await accounts.insert(trx, { email, handle, displayName, passwordHash })
        if (account === null) return { result: null, events: [] }
        await notifications.insertWelcome(trx, account.id, welcomeMessage(displayName))
        return {
          result: account,
          events: [
            newEvent(accountChanged, { ...publicProfile(account), change: 'created' }),
            newEvent(notificationsChanged, { userIds: [account.id], change: 'created' }),
          ],
        }
      })
      if (account === null) {
        const lost = takenErrors(await accounts.findTaken(email, handle))
        return { refused: lost.length > 0 ? lost : [handleTaken] }
      }
      return { session: await sessions.open(account.id) }
    },

    /** Writes, tells and invalidates nothing when nothing changes. */
    async updateProfile(userId: string, input: ProfileInput): Promise<void> {
      const changes = readProfileChanges(input)
      await write(async (trx) => {
        const before = await accounts.lock(trx, userId)
        if (before === null) throw unauthenticated('The account of this session no longer exists')
        if (!differs(before, changes)) {
          const madeBefore = [newEvent(accountChanged, { ...publicProfile(before), change: 'updated' })]
          return { result: undefined, events: [], madeBefore }
        }
        const account = await accounts.update(trx, userId, changes)
        return {
          result: undefined,
          events: [newEvent(accountChanged, { ...publicProfile(account), change: 'updated' })],
        }
      })
    },
  }
}

const emailTaken = userError(
  'TAKEN',
  'There is an account with this e-mail address. Sign in instead.',
  'input',
  'email',
)
const handleTaken = userError('TAKEN', 'This handle is taken. Choose another one.', 'input', 'handle')

const takenErrors = (taken: { email: boolean; handle: boolean }): UserErrorRow[] => [
  ...(taken.email ? [emailTaken] : []),
  ...(taken.handle ? [handleTaken] : []),
]

const publicProfile = ({ id, handle, displayName }: AccountRow) => ({ userId: id, handle, displayName })

const differs = (before: AccountRow, changes: ProfileChanges): boolean =>
  (Object.keys(changes) as (keyof ProfileChanges)[]).some(
    (name) => changes[name] !== undefined && changes[name] !== before[name],
  )
