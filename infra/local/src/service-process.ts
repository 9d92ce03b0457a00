import { type Launched, launch, untilReady } from './launch.ts'
import type { Layout } from './layout.ts'
import { lastWords } from './logs.ts'
import type { ServiceManifest } from './manifests.ts'
import { askService } from './status.ts'
import { stopAll } from './stop.ts'

/** One service's process of a supergraph. */
export type ServiceProcess = {
  readonly name: string
  readonly kind: ServiceManifest['kind']
  readonly url: string
  /** Null while it is stopped. */
  readonly pid: number | null
  readonly log: string | null
  /** Starts it and waits until it is ready. */
  start: (signal?: AbortSignal) => Promise<void>
  /** Asks it to end (SIGTERM) and waits until it has. */
  stop: () => Promise<void>
  /** Ends it at once (SIGKILL), as a crash would. */
  kill: () => Promise<void>
  /** Stops it if it runs, then starts it on the same port, with changed variables if there are any. */
  restart: (env?: NodeJS.ProcessEnv) => Promise<void>
}

/** A process that is not started yet. */
export function createServiceProcess(options: {
  layout: Layout
  manifest: ServiceManifest
  group: string
  url: string
  logName: string
  env: NodeJS.ProcessEnv
  onCrash?: (crash: { name: string; reason: string; log: string; logTail: string[] }) => void
}): ServiceProcess {
  const { layout, manifest, url } = options
  const { name, kind } = manifest
  let env = options.env
  let current: Launched | null = null
  let ready = false

  async function start(signal?: AbortSignal): Promise<void> {
    const launched = launch(layout, {
      name,
      kind,
      group: options.group,
      command: process.execPath,
      args: ['--import', '@freshet/telemetry/register', 'src/main.ts'],
      cwd: manifest.folder,
      env,
      url,
      logName: options.logName,
    })
    current = launched
    launched.child.once('exit', () => {
      // What was asked to end has been forgotten by then; before it was ready, start() itself rejects.
      if (current !== launched || !ready) return
      current = null
      ready = false
      const { log } = launched.record
      options.onCrash?.({ name, reason: launched.exit() ?? 'ended', log, logTail: lastWords(log, 8) })
    })
    await untilReady(launched, {
      probe: () => askService(url, launched.record.pid),
      // Half a minute on two cores; the gateway bundles its explorer first.
      deadlineMs: 240_000,
      signal,
    })
    ready = true
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const launched = current
    current = null
    ready = false
    if (launched !== null) await stopAll(layout, [{ ...launched.record, stopSignal: signal }])
  }

  return {
    name,
    kind,
    url,
    get pid() {
      return current?.record.pid ?? null
    },
    get log() {
      return current?.record.log ?? null
    },
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async (changes = {}) => {
      await end('SIGTERM')
      env = { ...env, ...changes }
      await start()
    },
  }
}
