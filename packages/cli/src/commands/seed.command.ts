import { layoutOf, stopOwn, up } from '@freshet/local'
import { SCALES, type ScaleName } from '@freshet/seed'
import { Command, Option } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { prepareDatabase, seedIfEmpty } from '../prepare-database.ts'
import { say, secondsSince } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { profileOption } from './profile-option.ts'

/** `--scale`, for every command that fills a database. */
export function scaleOption(): Option {
  const sizes = Object.entries(SCALES).map(
    ([name, { products }]) => `${name}: ${products.toLocaleString('en')}`,
  )
  return new Option('--scale <name>', `how much demo data, in products (${sizes.join(', ')})`)
    .choices(Object.keys(SCALES))
    .default('s')
}

/** `freshet seed`. */
export const seedCommand = new Command('seed')
  .summary('fill an empty database with demo data')
  .description(
    'Migrates first. All or nothing: after an error or Ctrl-C the tables are as empty as before. Data that is there stays untouched.',
  )
  .addOption(scaleOption())
  .addOption(profileOption())
  .action(async ({ scale, profile }: { scale: ScaleName; profile: string }) => {
    const began = Date.now()
    const { signal } = listenForInterrupts()
    try {
      const { postgresAdminUrl } = await up({ profile, parts: ['postgres'], report: say, signal })
      const adminUrl = serviceDatabase(postgresAdminUrl)
      await prepareDatabase({ adminUrl, report: say, signal })
      const filled = await seedIfEmpty(scale, { adminUrl, report: say, signal })
      say(filled ? `seeded in ${secondsSince(began)}` : 'the database has data already: nothing was changed')
    } finally {
      await stopOwn(layoutOf(profile))
    }
  })
