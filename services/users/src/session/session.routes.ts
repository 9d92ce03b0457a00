import { HttpError, type HttpServer, type Viewer } from '@freshet/http'
import { z } from 'zod'
import type { AccountCache } from '../account/account.cache.ts'
import type { AccountRepository } from '../account/account.repository.ts'
import { type SessionStore, SessionStoreError } from './session.store.ts'

const Question = z.object({ token: z.string().max(1000) })

export type Introspection = { readonly active: false } | { readonly active: true; readonly viewer: Viewer }

/**
 * `POST /internal/sessions/introspect`: whose session a token is. Only for signed calls, as all routes of
 * this scope.
 *
 * "Not active" is said only when it is known. When the store does not answer it is a 503, which the gateway
 * reports as a session that could not be verified, and not as a wrong token.
 */
export function createSessionRoutes(parts: {
  sessions: SessionStore
  accounts: AccountRepository
  cache: AccountCache
}) {
  const { sessions, accounts, cache } = parts

  async function introspect(token: string): Promise<Introspection> {
    const session = await sessions.findByToken(token)
    if (session === null) return { active: false }
    // The account as it is now, not as it was at the sign-in: roles may have been taken away since.
    const [account] = await cache.account.getMany([session.userId], accounts.findByIds)
    if (account == null) return { active: false }
    return { active: true, viewer: { id: account.id, roles: [...account.roles], sessionId: session.id } }
  }

  return (app: HttpServer['app']): void => {
    app.post('/internal/sessions/introspect', async (request): Promise<Introspection> => {
      const question = Question.safeParse(request.body)
      if (!question.success) {
        throw new HttpError(
          400,
          'BAD_REQUEST',
          'A body {"token": "..."} of at most 1,000 characters is expected.',
        )
      }
      try {
        return await introspect(question.data.token)
      } catch (cause) {
        if (!(cause instanceof SessionStoreError)) throw cause
        throw new HttpError(503, 'UNAVAILABLE', 'Sessions can not be looked up right now.', { cause })
      }
    })
  }
}
