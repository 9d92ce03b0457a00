import { layoutOf, stopOwn, up } from '@freshet/local'
import { SCALES, type ScaleName } from '@freshet/seed'
import { Command, InvalidArgumentError, Option } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { prepareDatabase, seedIfEmpty } from '../prepare-database.ts'
import { say, secondsSince } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { moment, wholeNumber } from './option-values.ts'
import { profileOption, sayIfNew } from './profile-option.ts'

/** `--scale`, for every command that fills a database. */
export function scaleOption(): Option {
  const sizes = Object.entries(SCALES).map(
    ([name, { products }]) => `${name}: ${products.toLocaleString('en')}`,
  )
  return new Option('--scale <name>', `how much demo data, in products (${sizes.join(', ')})`)
    .choices(Object.keys(SCALES))
    .default('s')
}

/** Earlier than all of it there is no demo data, later than now it would be odd: a future that has happened. */
const EARLIEST = new Date('2000-01-01T00:00Z')

function until(value: string): Date {
  const time = moment(value)
  if (time < EARLIEST || time > new Date())
    throw new InvalidArgumentError('It must be between 2000-01-01 and now.')
  return time
}

type Options = { scale: ScaleName; seed?: number; until?: Date; profile: string }

/** `freshet seed`. */
export const seedCommand = new Command('seed')
  .summary('fill an empty database with demo data')
  .description(
    'Migrates first. After an error, a Ctrl-C or a crash the same command goes on where it was (--until may be left out), and nothing else takes the database for filled. Data that is there stays untouched.\nThe same --scale, --seed and --until give the same rows, to the byte.',
  )
  .addOption(scaleOption())
  .option(
    '--seed <number>',
    'another number gives other products, users and activity (default: 1)',
    wholeNumber,
  )
  .option('--until <time>', 'the newest moment in the data (default: the last full hour)', until)
  .addOption(profileOption())
  .action(async ({ profile, ...data }: Options) => {
    const began = Date.now()
    sayIfNew(profile)
    const { signal } = listenForInterrupts()
    try {
      const { postgresAdminUrl } = await up({ profile, parts: ['postgres'], report: say, signal })
      const adminUrl = serviceDatabase(postgresAdminUrl)
      await prepareDatabase({ adminUrl, report: say, signal })
      const filled = await seedIfEmpty({ ...data, profile }, { adminUrl, report: say, signal })
      say(filled ? `seeded in ${secondsSince(began)}` : 'the database has data already: nothing was changed')
    } finally {
      await stopOwn(layoutOf(profile))
    }
  })
