import { actingAs, migrate, provision, withScratchDatabase } from '@freshet/database'
import { keepMigrationHashes } from './migration-hashes.ts'
import { generateService, type ServiceGeneration } from './service-files.ts'

/**
 * All of a service's `generate` script: makes a database with the service's `migrations/` for the time of it, on the
 * server at `POSTGRES_ADMIN_URL`, and writes `src/generated/` from that and from `schema/`. A migration
 * that was edited after it was generated from is refused.
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
  const { signal, forget } = listen()
  try {
    await withScratchDatabase({ serverUrl, purpose: 'generate', signal }, async (adminUrl) => {
      // Without a password: the service may be running on this server, and must be able to go on.
      await provision({ adminUrl, service })
      const url = actingAs(service, adminUrl)
      await keepMigrationHashes({ service, folder })
      await migrate({ url, service, folder: new URL('migrations/', folder), signal })
      await generateService(generation, url)
    })
  } catch (error) {
    if (!signal.aborted) throw error
    // What was under way has lost its database; nothing is to come of it any more.
    process.exit(130)
  } finally {
    forget()
  }
}

/** A Ctrl-C, or turbo when another package's script has failed: the database must not stay. */
function listen(): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, abort)
  return {
    signal: controller.signal,
    forget() {
      for (const name of signals) process.off(name, abort)
    },
  }
}
