import {
  externalVariables,
  isAbandoned,
  isAlive,
  layoutOf,
  type ProcessRecord,
  readManifests,
  readState,
  status,
} from '@freshet/local'
import { Command } from 'commander'
import { requestRestart, takeRestartRequest } from '../restart-request.ts'
import { complain, say, secondsSince } from '../say.ts'
import { existingProfileOption } from './profile-option.ts'
import { abandonedAdvice } from './status.command.ts'

const deadlineMs = 120_000
const parts: readonly string[] = Object.keys(externalVariables)

/** `freshet restart`. */
export const restartCommand = new Command('restart')
  .summary('end one service and have it started again')
  .description(
    'Asks a service that `npm start` runs to end (SIGTERM); its launcher starts it again on the same port. Returns when it is ready.\nPostgreSQL, Redis and Kafka are no services: `freshet down` and `freshet up` end and start them.',
  )
  .argument('[service]', 'such as catalog, or gateway')
  .addOption(existingProfileOption())
  .action(async (service: string | undefined, { profile }: { profile: string }) => {
    const began = Date.now()
    const layout = layoutOf(profile)
    const { processes } = readState(layout)
    // Asked for here instead of by the parser, which could not say what there is.
    if (service === undefined || service === '') {
      complain(`which one? \`freshet restart\` expects a service: ${restartable(processes).join(', ')}`)
      process.exitCode = 1
      return
    }
    const record = processes.find(({ kind, name }) => kind !== 'part' && name === service)
    if (record === undefined || isAbandoned(record)) {
      for (const line of refusal(service, processes)) complain(line)
      process.exitCode = 1
      return
    }
    requestRestart(layout, service)
    process.kill(record.pid, 'SIGTERM')
    while (Date.now() - began < deadlineMs && isAlive(record.owner)) {
      const now = (await status(profile)).find((one) => one.record.name === service)
      if (now?.problem === null && now.record.pid !== record.pid) {
        say(`${service} runs again (process ${now.record.pid}, ${secondsSince(began)})`)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    takeRestartRequest(layout, service)
    complain(`${service} is not ready again; \`npx freshet logs ${service}\` says why`)
    process.exitCode = 1
  })

/** What runs; where nothing does, what could. */
function restartable(processes: readonly ProcessRecord[]): string[] {
  const running = processes.filter(({ kind }) => kind !== 'part')
  return (running.length > 0 ? running : readManifests()).map(({ name }) => name)
}

/** Why there is nothing to restart, and what to do instead. */
function refusal(service: string, processes: readonly ProcessRecord[]): string[] {
  const asked = processes.find(({ name }) => name === service)
  const services = processes.filter(({ kind }) => kind !== 'part')
  if (parts.includes(service)) {
    const again = `\`npx freshet up ${service}\` starts it`
    if (asked === undefined) return [`${service} does not run here: ${again}`]
    return [
      `restart is for services; ${service} is a part, which no launcher looks after. End it with \`kill -${asked.stopSignal.slice(3)} ${asked.pid}\`; ${again} again, on the same port and with its data. The services wait for it meanwhile.`,
    ]
  }
  if (services.length === 0) return ['no service runs here: `npm start` starts them']
  if (asked !== undefined) return [`${service} (process ${asked.pid}) is abandoned.`, abandonedAdvice]
  return [`no service ${service} runs; there are ${services.map(({ name }) => name).join(', ')}`]
}
