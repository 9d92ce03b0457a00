import { serviceUrl } from '@freshet/database'
import {
  BusUnavailableError,
  createEventOperations,
  type DeadLetter,
  type EventOperations,
  type ObservedMessage,
  parkedEvents,
  retryParked,
} from '@freshet/events'
import { externalVariables, readManifests, rolePassword, subgraphNames } from '@freshet/local'
import { createLogger } from '@freshet/telemetry'
import { Command, InvalidArgumentError } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { addressOf } from '../part-address.ts'
import { printable } from '../printable.ts'
import { complain, say } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { wholeNumber } from './option-values.ts'
import { existingProfileOption } from './profile-option.ts'

type Options = { profile: string }

/** `freshet events`. */
export const eventsCommand = new Command('events')
  .summary('look into the event stream: lag, dead letters, replays')
  .description('Works on the Kafka that runs here, or on the one that FRESHET_KAFKA_BROKERS names.')

eventsCommand
  .command('lag')
  .description(
    'How far each consumer group is behind; one without a commit, from the beginning of its topic. Exits with 1 when one is behind by more than --max.',
  )
  .option('--max <count>', 'the lag that is still fine', wholeNumber)
  .addOption(existingProfileOption())
  .action((options: Options & { max?: number }) =>
    withOperations(options, async (operations) => {
      const lags = await operations.lag()
      for (const { group, topic, lag, partitions } of lags) {
        const note = partitions.every(({ committed }) => committed === null) ? '  (no commit yet)' : ''
        say(printable(`${String(lag).padStart(9)}  ${group.padEnd(36)} ${topic}${note}`))
      }
      if (lags.length === 0) say('there is no consumer group yet')
      if (options.max !== undefined && lags.some(({ lag }) => lag > options.max!)) process.exitCode = 1
    }),
  )

eventsCommand
  .command('tail')
  .description('Prints the events of a topic as they come, one JSON object a line, until Ctrl-C.')
  .argument('<topic>', 'such as catalog.product')
  .option('--from-beginning', 'begin with the oldest that is kept')
  .addOption(existingProfileOption())
  .action((topic: string, options: Options & { fromBeginning?: boolean }) =>
    withOperations(options, async (operations) => {
      const { signal } = listenForInterrupts()
      await operations.tail({
        topic,
        fromBeginning: options.fromBeginning ?? false,
        signal,
        show: (one) => say(printable(lineOf(one))),
      })
    }),
  )

eventsCommand
  .command('dead-letters')
  .description('Shows what a service gave up, and why.')
  .argument('<service>', 'such as users')
  .option('--json', 'with the events, one JSON object a line')
  .addOption(existingProfileOption())
  .action((service: string, options: Options & { json?: boolean }) => {
    requireConsumer(service)
    return withOperations(options, async (operations) => {
      const letters = await operations.deadLetters(service)
      for (const letter of letters) say(printable(options.json ? jsonOf(letter) : summaryOf(letter)))
      if (letters.length === 0) complain('none')
    })
  })

eventsCommand
  .command('replay')
  .description(
    'Sends dead letters once more to the consumer group that failed: all that were not yet, or a single one. Mend the cause first.',
  )
  .argument('<service>', 'such as users')
  .option('--only <partition:offset>', 'the one that dead-letters shows under this name', letterName)
  .addOption(existingProfileOption())
  .action((service: string, options: Options & { only?: { partition: number; offset: string } }) => {
    requireConsumer(service)
    return withOperations(options, async (operations) => {
      const replayed = await operations.replay(service, options.only && { only: options.only })
      for (const letter of replayed) say(printable(summaryOf(letter)))
      say(`${replayed.length} replayed`)
      if (options.only && replayed.length === 0) process.exitCode = 1
    })
  })

eventsCommand
  .command('parked')
  .description('Shows the events that Kafka refused and that are set aside in the outboxes.')
  .argument('[service]', 'only this one')
  .option('--retry', 'let the relays try them again')
  .addOption(existingProfileOption())
  .action(async (service: string | undefined, options: Options & { retry?: boolean }) => {
    // The gateway writes no events, so it has no outbox.
    if (service !== undefined) requireOneOf(service, subgraphNames())
    const adminUrl = serviceDatabase(addressOf('postgres', options.profile))
    for (const name of service === undefined ? subgraphNames() : [service]) {
      const url = serviceUrl(adminUrl, name, rolePassword(adminUrl, name))
      for (const { seq, topic, key, attempts, parkedAt, lastError } of await parkedEvents(url)) {
        const row = `${name} ${seq}  ${parkedAt.toISOString()}  ${topic} ${key}  ${attempts} attempts: ${lastError}`
        say(printable(row))
      }
      if (options.retry) say(`${name}: ${await retryParked(url)} set free`)
    }
  })

async function withOperations(
  { profile }: Options,
  use: (operations: EventOperations) => Promise<void>,
): Promise<void> {
  const brokers = addressOf('kafka', profile).split(',')
  const logger = createLogger('freshet-events', { level: 'silent' })
  const operations = createEventOperations({ brokers, clientId: 'freshet-cli', logger })
  try {
    await use(operations)
  } catch (error) {
    if (!(error instanceof BusUnavailableError)) throw error
    throw new Error(
      `Kafka at ${brokers.join(',')} can't be reached (${error.message}); \`freshet status\` shows what runs here, ${externalVariables.kafka} names another`,
      { cause: error },
    )
  } finally {
    await operations.close()
  }
}

/** Whoever consumes may give up: the gateway too. */
function requireConsumer(name: string): void {
  requireOneOf(
    name,
    readManifests().map((one) => one.name),
  )
}

function requireOneOf(name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw new Error(`no service ${name}; there are ${names.join(', ')}`)
}

const nameOf = ({ message }: ObservedMessage) => `${message.partition}:${message.offset}`

const summaryOf = (letter: DeadLetter): string => {
  const { failure, event, replayed } = letter
  const what = event === null ? 'unreadable' : `${event.type} ${event.subject}`
  const where = `${failure.topic} ${failure.partition}:${failure.offset} -> ${failure.group}`
  return `${nameOf(letter)}  ${failure.at}  ${what}  ${where}  ${failure.error}${replayed ? '  (replayed)' : ''}`
}

const jsonOf = (letter: DeadLetter): string =>
  JSON.stringify({
    name: nameOf(letter),
    replayed: letter.replayed,
    failure: letter.failure,
    ...contentOf(letter),
  })

const lineOf = (observed: ObservedMessage): string =>
  JSON.stringify({ name: nameOf(observed), key: observed.message.key, ...contentOf(observed) })

const contentOf = ({ event, message }: ObservedMessage) =>
  event === null ? { unreadable: message.value?.toString() ?? null } : { event }

function letterName(value: string): { partition: number; offset: string } {
  const [, partition, offset] = /^(\d+):(\d+)$/.exec(value) ?? []
  if (!partition || !offset) throw new InvalidArgumentError('It must look like 0:17.')
  return { partition: Number(partition), offset }
}
