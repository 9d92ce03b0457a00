import { randomBytes } from 'node:crypto'
import { ensureDatabase, migrate, provision } from '@freshet/database'
import pg from 'pg'
import { generateService, type ServiceGeneration } from './service-files.ts'

/**
 * All of a service's `generate` script: makes a database with the service's `migrations/` for the time of it, on the
 * server at `POSTGRES_ADMIN_URL`, and writes `src/generated/` from that and from `schema/`.
 *
 * ```ts
 * await runGenerate(generation)
 * ```
 * Without the setting, it says so and sets the exit code 1.
 */
export async function runGenerate(generation: ServiceGeneration, env = process.env): Promise<void> {
  const { POSTGRES_ADMIN_URL: serverUrl } = env
  if (serverUrl === undefined) {
    process.stderr.write('Set POSTGRES_ADMIN_URL to a PostgreSQL server, as a superuser\n')
    process.exitCode = 1
    return
  }
  const { service, folder } = generation
  await withScratchDatabase(serverUrl, async (adminUrl) => {
    // Without a password: the service may be running on this server, and must be able to go on.
    await provision({ adminUrl, service })
    const url = actingAs(service, adminUrl)
    await migrate({ url, service, folder: new URL('migrations/', folder) })
    await generateService(generation, url)
  })
}

/** The administrator's address, with the rights and the search path of the service's role. */
function actingAs(service: string, adminUrl: string): string {
  const url = new URL(adminUrl)
  url.searchParams.set('options', `-c role=${service} -c search_path=${service},extensions`)
  return url.href
}

async function withScratchDatabase(
  serverUrl: string,
  work: (adminUrl: string) => Promise<void>,
): Promise<void> {
  const scratch = new URL(serverUrl)
  const name = `freshet_generate_${randomBytes(4).toString('hex')}`
  scratch.pathname = `/${name}`
  await ensureDatabase(scratch.href)
  try {
    await work(scratch.href)
  } finally {
    const client = new pg.Client({ connectionString: serverUrl })
    await client.connect()
    await client.query(`drop database ${client.escapeIdentifier(name)} with (force)`)
    await client.end()
  }
}
