import { layoutOf, StoppedError, stopOwn, up } from '@freshet/local'
import { Command } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { lintMigrations } from '../migrations/lint-migrations.ts'
import { servicesWithMigrations } from '../migrations/services-with-migrations.ts'
import { prepareDatabase } from '../prepare-database.ts'
import { complain, say } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { profileOption, sayIfNew } from './profile-option.ts'

/** `freshet migrate`. */
export const migrateCommand = new Command('migrate')
  .summary("bring every service's schema up to date")
  .description(
    `Creates the database, roles and schemas where they are missing and runs pending migrations, while the services may be in use.
A Ctrl-C cuts off what runs; the same command goes on from there. Starts PostgreSQL for it when it does not run.`,
  )
  .addOption(profileOption())
  .option(
    '--lint',
    'run nothing; look, in a database for the time of it, for steps that would stop or break the services',
  )
  .action(async ({ profile, lint = false }: { profile: string; lint?: boolean }) => {
    const { signal } = listenForInterrupts()
    sayIfNew(profile)
    try {
      const { postgresAdminUrl } = await up({ profile, parts: ['postgres'], report: say, signal })
      if (lint) return await lintAll(postgresAdminUrl, signal)
      await prepareDatabase({ adminUrl: serviceDatabase(postgresAdminUrl), report: say, signal })
      say('every schema is up to date')
    } finally {
      await stopOwn(layoutOf(profile))
    }
  })

async function lintAll(serverUrl: string, signal: AbortSignal): Promise<void> {
  const services = servicesWithMigrations()
  const findings = await lintMigrations(services, { serverUrl, signal }).catch((error: unknown) => {
    throw signal.aborted ? new StoppedError() : error
  })
  for (const { migration, rule, message, help } of findings) {
    complain(`${migration}: ${message} (${rule})${help === null ? '' : `\n  ${help}`}`)
  }
  if (findings.length > 0) process.exitCode = 1
  else say(`no migration of ${services.map(({ name }) => name).join(', ')} would stop anybody`)
}
