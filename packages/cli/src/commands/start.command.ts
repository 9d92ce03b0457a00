import { rmSync } from 'node:fs'
import { relative } from 'node:path'
import {
  explain,
  isDiskFull,
  type Layout,
  layoutOf,
  readState,
  requireUsableEnvironment,
  type SupergraphOptions,
  startLock,
  startSupergraph,
  stopOwn,
  tryLock,
  up,
} from '@freshet/local'
import { DEMO_ACCOUNTS, DEMO_PASSWORD, type ScaleName } from '@freshet/seed'
import { Command } from 'commander'
import { startCollector } from '../collector.ts'
import { type Interrupts, listenForInterrupts } from '../interrupts.ts'
import { createKeeper } from '../keep-running.ts'
import { prepareDatabase } from '../prepare-database.ts'
import { takeRestartRequest } from '../restart-request.ts'
import { complain, say, secondsSince } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { watchParts } from '../watch-parts.ts'
import { profileOption, sayIfNew } from './profile-option.ts'
import { scaleOption } from './seed.command.ts'

/** `freshet start`. */
export const startCommand = new Command('start')
  .summary('start everything, and stop it again with Ctrl-C')
  .description(
    'Starts the parts, migrates, fills an empty database with demo data, and runs the services and the gateway in the foreground.\nCtrl-C stops what this command started and nothing else; a second Ctrl-C does not wait.',
  )
  .addOption(scaleOption())
  .addOption(profileOption())
  .action(async ({ scale, profile }: { scale: ScaleName; profile: string }) => {
    sayIfNew(profile)
    const layout = layoutOf(profile)
    if (!tryLock(startLock(layout))) {
      const gateway = readState(layout).processes.find(({ kind }) => kind === 'gateway')
      const where = gateway === undefined ? 'is being started' : `runs at ${gateway.url}/`
      complain(
        `Freshet ${where} already, from this clone. Ctrl-C there, or \`npx freshet down -p ${profile}\`, stops it.`,
      )
      process.exitCode = 1
      return
    }
    const interrupts = listenForInterrupts()
    void interrupts.interrupted.then((cause) => say(`stopping: ${cause}`))
    interrupts.onForce(() => stopOwn(layout, { graceMs: 0 }))
    // A fault of this program must not leave the processes that it started.
    process.once('uncaughtException', (error) => {
      complain(isDiskFull(error) ? explain(error) : (error.stack ?? String(error)))
      void stopOwn(layout).finally(() => process.exit(1))
    })
    try {
      await run(layout, scale, interrupts)
    } catch (error) {
      // What was interrupted fails in many ways; none of them is news.
      if (!interrupts.signal.aborted) {
        complain(explain(error))
        if ((error as { code?: unknown }).code === 'MIGRATION_FAILED') {
          complain(
            `  To begin anew without what is in the local database: npx freshet down --delete-data -p ${profile}`,
          )
        }
        process.exitCode = 1
      }
    } finally {
      const own = readState(layout).processes.filter(({ owner }) => owner.pid === process.pid)
      if (!interrupts.signal.aborted && own.length > 0) say('stopping')
      await stopOwn(layout)
      rmSync(startLock(layout), { force: true })
      if (interrupts.signal.aborted) say(farewell(layout))
    }
  })

/** This command ends what it started; what others did is named, lest somebody takes it for ended. */
function farewell(layout: Layout): string {
  const others = readState(layout).processes.map(({ name }) => name)
  if (others.length === 0) return 'stopped'
  const down = `npx freshet down -p ${layout.profile}`
  return `stopped what it had started; ${others.join(', ')} ran before and still ${others.length === 1 ? 'runs' : 'run'}: \`${down}\` ends them`
}

async function run(layout: Layout, scale: ScaleName, interrupts: Interrupts): Promise<void> {
  const began = Date.now()
  const { signal } = interrupts
  await requireUsableEnvironment(['postgres', 'redis', 'kafka'], process.env)
  const parts = await up({ profile: layout.profile, report: say, signal })
  const database = await prepareDatabase({
    adminUrl: serviceDatabase(parts.postgresAdminUrl),
    scale,
    profile: layout.profile,
    report: say,
    signal,
  })
  say('starting the services and the gateway')
  const collector = await startCollector(layout)
  try {
    await serve(layout, { interrupts, began, parts, databaseUrl: database.urlOf, env: collector.env })
  } finally {
    // After the services: they send their last spans as they end.
    await collector.close()
  }
}

/** A file as a person at this terminal would name it. */
const shown = (log: string) => relative(process.cwd(), log)

/** Runs the services until they are interrupted, or all given up. */
async function serve(
  layout: Layout,
  {
    interrupts,
    began,
    ...options
  }: { interrupts: Interrupts; began: number } & Pick<SupergraphOptions, 'parts' | 'databaseUrl' | 'env'>,
): Promise<void> {
  const keeper = createKeeper({
    say,
    complain,
    shown,
    takeRequest: (name) => takeRestartRequest(layout, name),
  })
  const supergraph = await startSupergraph({
    profile: layout.profile,
    // Only dev has usual ports: two profiles of one clone may run side by side.
    ports: layout.profile === 'dev' ? 'usual' : 'free',
    ...options,
    report: say,
    signal: interrupts.signal,
    onCrash: keeper.crashed,
  })
  keeper.keep(supergraph.services)
  welcome(layout, supergraph.gatewayUrl, began)
  const watch = watchParts(layout, { complain, shown })
  try {
    const failed = keeper.allGivenUp.then(() => Promise.reject(new Error('every service has ended')))
    await Promise.race([interrupts.interrupted, failed])
  } finally {
    watch.close()
    await keeper.close()
  }
  await supergraph.close()
}

function welcome(layout: Layout, url: string, began: number): void {
  const logins = DEMO_ACCOUNTS.map(({ handle }) => `${handle}@freshet.example`).join(', ')
  say(`
Freshet is up (${secondsSince(began)}).

  Explorer   ${url}/
  GraphQL    ${url}/graphql
  Demo login ${logins}; password ${DEMO_PASSWORD}
  Logs       ${relative(process.cwd(), layout.logs)}/
  Traces     npx freshet trace
  Stop       Ctrl-C
`)
}
