import { layoutOf, stopOwn, up } from '@freshet/local'
import { Command } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { prepareDatabase } from '../prepare-database.ts'
import { say } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { profileOption, sayIfNew } from './profile-option.ts'

/** `freshet migrate`. */
export const migrateCommand = new Command('migrate')
  .summary("bring every service's schema up to date")
  .description(
    'Creates the database, roles and schemas where they are missing and runs pending migrations. Starts PostgreSQL for it when it does not run.',
  )
  .addOption(profileOption())
  .action(async ({ profile }: { profile: string }) => {
    const { signal } = listenForInterrupts()
    sayIfNew(profile)
    try {
      const { postgresAdminUrl } = await up({ profile, parts: ['postgres'], report: say, signal })
      await prepareDatabase({ adminUrl: serviceDatabase(postgresAdminUrl), report: say, signal })
      say('every schema is up to date')
    } finally {
      await stopOwn(layoutOf(profile))
    }
  })
