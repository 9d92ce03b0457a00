import { type PartName, up } from '@freshet/local'
import { Argument, Command } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { say, secondsSince } from '../say.ts'
import { hidePassword } from '../urls.ts'
import { profileOption, sayIfNew } from './profile-option.ts'

const parts: PartName[] = ['postgres', 'redis', 'kafka']

/** `freshet up`. */
export const upCommand = new Command('up')
  .summary('start PostgreSQL, Redis and Kafka, and leave them running')
  .description(
    'Starts the parts that do not run yet, waits until each answers, creates the declared topics, and returns.\nFRESHET_POSTGRES_URL, FRESHET_REDIS_URL and FRESHET_KAFKA_BROKERS name parts that run elsewhere: nothing is started for those.',
  )
  .addArgument(new Argument('[parts...]', 'only these').choices(parts))
  .addOption(profileOption())
  .action(async (chosen: PartName[], options: { profile: string }) => {
    const began = Date.now()
    sayIfNew(options.profile)
    const { signal } = listenForInterrupts()
    const wanted = chosen.length === 0 ? parts : chosen
    const running = await up({ profile: options.profile, parts: wanted, report: say, signal })
    if (wanted.includes('postgres')) say(`  postgres  ${hidePassword(running.postgresAdminUrl)}`)
    if (wanted.includes('redis')) say(`  redis     ${hidePassword(running.redisUrl)}`)
    if (wanted.includes('kafka')) say(`  kafka     ${running.kafkaBrokers}`)
    say(running.started.length === 0 ? 'everything ran already' : `up in ${secondsSince(began)}`)
  })
