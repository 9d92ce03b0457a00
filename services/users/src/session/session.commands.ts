import { userError } from '@freshet/subgraph'
import type { SignedIn } from '../account/account.commands.ts'
import { readEmail, readPassword } from '../account/account.input.ts'
import type { AccountRepository } from '../account/account.repository.ts'
import type { Passwords } from '../account/password.ts'
import { rateLimited } from '../user-errors.ts'
import type { SignInLimits } from './session.limits.ts'
import type { SessionStore } from './session.store.ts'

export type SessionCommands = ReturnType<typeof createSessionCommands>

export function createSessionCommands(parts: {
  accounts: AccountRepository
  passwords: Passwords
  limits: SignInLimits
  sessions: SessionStore
}) {
  const { accounts, passwords, limits, sessions } = parts

  return {
    /** An address that nobody has costs the same work, and gets the same answer, as a wrong password. */
    async signIn(input: { email: string; password: string }): Promise<SignedIn> {
      const email = readEmail(input.email, 'input.email')
      const password = readPassword(input.password, 'input.password')
      const wait = await limits.trySignIn(email)
      if (wait !== null) return { refused: [rateLimited(wait)] }
      const credentials = await accounts.findCredentials(email)
      const right = await passwords.matches(credentials?.passwordHash ?? null, password)
      if (!right || credentials === null) return { refused: [wrongCredentials] }
      await limits.forgive(email)
      if (passwords.isOutdated(credentials.passwordHash)) {
        const renewed = await passwords.hash(password)
        await accounts.replacePasswordHash(credentials.id, credentials.passwordHash, renewed)
      }
      return { session: await sessions.open(credentials.id) }
    },

    /** False when the request had no session. */
    signOut: async (sessionId: string | null): Promise<boolean> =>
      sessionId === null ? false : await sessions.close(sessionId),
  }
}

const wrongCredentials = userError('WRONG_CREDENTIALS', 'E-mail or password is wrong.')
