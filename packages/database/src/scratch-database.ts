import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { ensureDatabase } from './provision.ts'

/**
 * Makes a database for the time of some work, on a server that may serve others meanwhile.
 *
 * @param serverUrl a superuser's
 * @param purpose a word for its name: `freshet_<purpose>_1f2e3d4c`
 * @param signal aborted, the database goes at once, with whatever is still connected to it
 * @throws the signal's reason when it is aborted
 */
export async function withScratchDatabase<Result>(
  { serverUrl, purpose, signal }: { serverUrl: string; purpose: string; signal?: AbortSignal },
  work: (adminUrl: string) => Promise<Result>,
): Promise<Result> {
  const scratch = new URL(serverUrl)
  const name = `freshet_${purpose}_${randomBytes(4).toString('hex')}`
  scratch.pathname = `/${name}`
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal?.reason)
  aborted.catch(() => {})
  signal?.throwIfAborted()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await ensureDatabase(scratch.href)
    signal?.throwIfAborted()
    return await Promise.race([work(scratch.href), aborted])
  } finally {
    signal?.removeEventListener('abort', abort)
    const client = new pg.Client({ connectionString: serverUrl })
    await client.connect()
    try {
      await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
    } finally {
      await client.end()
    }
  }
}

/** The administrator's address, with the rights and the search path of a service's role: no password is needed. */
export function actingAs(service: string, adminUrl: string): string {
  const url = new URL(adminUrl)
  url.searchParams.set('options', `-c role=${service} -c search_path=${service},extensions`)
  return url.href
}
