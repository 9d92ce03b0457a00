import { isAlive, layoutOf, readState, status } from '@freshet/local'
import { Command } from 'commander'
import { requestRestart, takeRestartRequest } from '../restart-request.ts'
import { complain, say, secondsSince } from '../say.ts'
import { profileOption } from './profile-option.ts'

const deadlineMs = 120_000

/** `freshet restart`. */
export const restartCommand = new Command('restart')
  .summary('end one service and have it started again')
  .description(
    'Asks a service that `npm start` runs to end (SIGTERM); its launcher starts it again on the same port. Returns when it is ready.',
  )
  .argument('<service>', 'such as catalog, or gateway')
  .addOption(profileOption())
  .action(async (service: string, { profile }: { profile: string }) => {
    const began = Date.now()
    const layout = layoutOf(profile)
    const running = readState(layout).processes.filter(({ kind, owner }) => kind !== 'part' && isAlive(owner))
    const record = running.find(({ name }) => name === service)
    if (record === undefined) {
      complain(
        running.length === 0
          ? 'no service runs here: `npm start` starts them'
          : `no service ${service} runs; there are ${running.map(({ name }) => name).join(', ')}`,
      )
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
