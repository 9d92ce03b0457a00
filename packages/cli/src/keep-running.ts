import { formerLog, type ServiceProcess } from '@freshet/local'

/** How a process ended that nobody had asked to. `logTail` is what it said at its end, if anything. */
export type Crash = { name: string; reason: string; log: string; logTail: readonly string[] }

type Startable = Pick<ServiceProcess, 'start' | 'stop' | 'pid' | 'log'>

/** Starts again what crashes. */
export type Keeper = {
  /** From now on; crashes that were heard of before are seen to now. */
  keep: (services: Readonly<Record<string, Startable>>) => void
  crashed: (crash: Crash) => void
  /** Resolves when every service has been given up. */
  allGivenUp: Promise<void>
  /** Starts nothing any more; resolves when what was being started has been left off. */
  close: () => Promise<void>
}

const waitsMs = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000]
const windowMs = 60_000
const mostCrashes = 5

/**
 * Starts a crashed service again after 1 s, then 2 s, 5 s, up to 30 s, and gives it up at the fifth crash within a
 * minute. The first crash is told with what it said last. A service that `takeRequest` knows of was asked to end
 * (`freshet restart`): it is started again at once, and that is no crash.
 */
export function createKeeper(options: {
  say: (line: string) => void
  complain: (line: string) => void
  /** How a person is told of a log. */
  shown?: (log: string) => string
  takeRequest?: (name: string) => boolean
  /** For tests: how much of each wait is waited. */
  pace?: number
}): Keeper {
  const { say, complain, shown = (log) => log, takeRequest = () => false, pace = 1 } = options
  const closing = new AbortController()
  const { promise: allGivenUp, resolve: nothingLeft } = Promise.withResolvers<void>()
  const crashes = new Map<string, number[]>()
  const givenUp = new Set<string>()
  const working = new Set<Promise<void>>()
  let services: Readonly<Record<string, Startable>> | null = null
  let early: Crash[] = []

  function crashed(crash: Crash): void {
    if (closing.signal.aborted) return
    if (services === null) {
      early.push(crash)
      return
    }
    const work = handle(crash, services).finally(() => working.delete(work))
    working.add(work)
  }

  async function handle(crash: Crash, known: Readonly<Record<string, Startable>>): Promise<void> {
    const { name } = crash
    if (takeRequest(name)) {
      say(`${name} has ended as asked; starting it again`)
      return startAgain(name, known)
    }
    const now = Date.now()
    const recent = [...(crashes.get(name) ?? []).filter((at) => now - at < windowMs), now]
    crashes.set(name, recent)
    if (recent.length >= mostCrashes) {
      givenUp.add(name)
      const log = crash.log === '' ? '' : ` The log of its last run: ${shown(crash.log)}`
      complain(
        `${name} ${crash.reason}, the ${recent.length}th time within a minute: it stays down, and the others go on without it. Mend it, then Ctrl-C and \`npm start\`.${log}`,
      )
      if (Object.keys(known).every((one) => givenUp.has(one))) nothingLeft()
      return
    }
    const waitMs = waitsMs[Math.min(recent.length, waitsMs.length) - 1]!
    const again = `it is started again in ${waitMs / 1_000} s`
    // Its next start begins a new log, and this one gets another name.
    const log = crash.log === '' ? '' : `; its log is kept in ${shown(formerLog(crash.log))}`
    const words = recent.length === 1 ? crash.logTail : []
    complain(`${name} ${crash.reason}; ${again}${log}${words.length > 0 ? '. Its last lines:' : ''}`)
    for (const line of words) complain(`    | ${shorten(line)}`)
    await pause(waitMs * pace, closing.signal)
    await startAgain(name, known)
  }

  async function startAgain(name: string, known: Readonly<Record<string, Startable>>): Promise<void> {
    const service = known[name]
    if (service === undefined || closing.signal.aborted) return
    try {
      await service.start(closing.signal)
      say(`${name} runs again (process ${service.pid})`)
    } catch (error) {
      const log = service.log ?? ''
      // What did not get ready may still run.
      await service.stop()
      const { logTail = [], message } = error as Error & { logTail?: readonly string[] }
      crashed({ name, reason: `could not be started (${message})`, log, logTail })
    }
  }

  return {
    crashed,
    allGivenUp,
    keep(started) {
      services = started
      const waiting = early
      early = []
      for (const crash of waiting) crashed(crash)
    },
    async close() {
      closing.abort()
      await Promise.allSettled(working)
    },
  }
}

/** A log line holds a whole stack at times; the log has all of it. */
function shorten(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
