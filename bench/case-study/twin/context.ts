import type pg from 'pg'

/** What resolvers are given. */
export interface Context {
  readonly db: pg.Pool
  /** Null for a guest. */
  readonly viewer: Viewer | null
}

export interface Viewer {
  readonly id: string
  readonly roles: readonly string[]
}

/** Who sends this `Authorization` header: one statement a request. */
export async function findViewer(db: pg.Pool, authorization: string | undefined): Promise<Viewer | null> {
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
  if (token === undefined) return null
  const { rows } = await db.query<Viewer>(
    'select u.id, u.roles from sessions s join users u on u.id = s.user_id where s.token = $1',
    [token],
  )
  return rows[0] ?? null
}
