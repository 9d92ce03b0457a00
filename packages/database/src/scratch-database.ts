import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { ensureDatabase } from './provision.ts'

/**
 * Makes a database for the time of some work, on a server that may serve others meanwhile.
 *
 * @param serverUrl a superuser's
 * @param purpose a word for its name: `freshet_<purpose>_1f2e3d4c`
 */
export async function withScratchDatabase<Result>(
  { serverUrl, purpose }: { serverUrl: string; purpose: string },
  work: (adminUrl: string) => Promise<Result>,
): Promise<Result> {
  const scratch = new URL(serverUrl)
  const name = `freshet_${purpose}_${randomBytes(4).toString('hex')}`
  scratch.pathname = `/${name}`
  await ensureDatabase(scratch.href)
  try {
    return await work(scratch.href)
  } finally {
    const client = new pg.Client({ connectionString: serverUrl })
    await client.connect()
    await client.query(`drop database ${client.escapeIdentifier(name)} with (force)`)
    await client.end()
  }
}

/** The administrator's address, with the rights and the search path of a service's role: no password is needed. */
export function actingAs(service: string, adminUrl: string): string {
  const url = new URL(adminUrl)
  url.searchParams.set('options', `-c role=${service} -c search_path=${service},extensions`)
  return url.href
}
