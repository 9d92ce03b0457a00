import { createHash, randomBytes } from 'node:crypto'
import type { RedisClient } from '@freshet/redis'
import { closeSession, listSessions, openSession } from './session.scripts.ts'

/** An open session. Its id is the SHA-256 of its token: it names the session and opens nothing. */
export interface SessionRow {
  readonly id: string
  readonly userId: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

export interface SessionSettings {
  /** Fixed from the sign-in on; use does not prolong it. */
  readonly lifetimeSeconds: number
  /** The oldest one of an account gives way to a new one beyond this. */
  readonly perAccount: number
}

/** Redis does not answer, so nothing can be said about a session: not that it is open, nor that it is not. */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError'
  readonly code = 'SESSION_STORE_UNAVAILABLE'
}

export type SessionStore = ReturnType<typeof createSessionStore>

/** What all tokens begin with, so that secret scanners find a leaked one. */
const TOKEN = /^fst_[A-Za-z0-9_-]{43}$/

/**
 * Sessions, in Redis.
 *
 * They are no cache: nothing could restore them. Under the `volatile-*` eviction that the caches want,
 * Redis evicts only keys with a TTL, so session keys have none: their end is a field, checked at each
 * use, and each sign-in sweeps away a few that are over. When memory runs out, sign-ins fail loudly; nobody is
 * signed out silently. (A Redis of their own, with persistence: SESSION_REDIS_URL.)
 *
 * Only the token's hash is stored: who reads the Redis can't use what they find.
 */
export function createSessionStore(redis: RedisClient, { lifetimeSeconds, perAccount }: SessionSettings) {
  return {
    /** Opens a session. The token is known to nobody but the caller from here on. */
    async open(userId: string, now = Date.now()): Promise<SessionRow & { token: string }> {
      const token = `fst_${randomBytes(32).toString('base64url')}`
      const id = hashOf(token)
      const expiresAt = now + lifetimeSeconds * 1000
      await answered(redis.eval(openSession, 1, sessionKey(id), id, userId, now, expiresAt, perAccount))
      return { id, userId, createdAt: new Date(now), expiresAt: new Date(expiresAt), token }
    },

    /** Null for anything that is not the token of a session that is open now. */
    async findByToken(token: string, now = Date.now()): Promise<SessionRow | null> {
      if (!TOKEN.test(token)) return null
      const id = hashOf(token)
      const fields = await answered(redis.hmget(sessionKey(id), 'userId', 'createdAt', 'expiresAt'))
      const session = toSessionRow([id, ...fields])
      return session !== null && session.expiresAt.getTime() > now ? session : null
    },

    /** Each user's open sessions, the newest first; one round trip for all. */
    async findByUsers(userIds: readonly string[], now = Date.now()): Promise<SessionRow[][]> {
      const pipeline = redis.pipeline()
      for (const userId of userIds) pipeline.eval(listSessions, 1, accountKey(userId))
      const replies = (await answered(pipeline.exec())) ?? []
      return userIds.map((_, index) => {
        const [error, found] = replies[index] ?? [new Error('no reply')]
        if (error) throw new SessionStoreError('sessions can not be listed', { cause: error })
        return (found as (string | null)[][])
          .map(toSessionRow)
          .filter((session) => session !== null)
          .filter((session) => session.expiresAt.getTime() > now)
      })
    },

    /** False when it was not open. From the moment this resolves the token is worth nothing. */
    async close(id: string): Promise<boolean> {
      return (await answered(redis.eval(closeSession, 1, sessionKey(id), id))) === 1
    },
  }
}

// The braces make one hash slot of all of them in Redis Cluster, so that one script may touch several.
const sessionKey = (id: string): string => `{users}:session:${id}`
const accountKey = (userId: string): string => `{users}:sessions-of:${userId}`

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

function toSessionRow([id, userId, createdAt, expiresAt]: (string | null | undefined)[]): SessionRow | null {
  if (id == null || userId == null || createdAt == null || expiresAt == null) return null
  return { id, userId, createdAt: new Date(Number(createdAt)), expiresAt: new Date(Number(expiresAt)) }
}

async function answered<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (cause) {
    throw new SessionStoreError('the session store does not answer', { cause })
  }
}
