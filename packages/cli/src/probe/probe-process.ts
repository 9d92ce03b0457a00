import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { workspaceRoot } from '@freshet/local'

/** A line of the probe's log. */
export interface LogLine {
  readonly msg?: string
  readonly level?: string
  readonly url?: string
  readonly problem?: string
  readonly err?: { readonly message?: string }
}

/** A running probe (gateway/src/probe). */
export interface ProbeProcess {
  readonly metricsUrl: string
  /** Aborted when it has ended. */
  readonly ended: AbortSignal
  stop(): Promise<void>
}

/**
 * Starts the probe, and resolves when it follows the invalidations.
 *
 * @param onLine is called with each line of its log
 * @throws Error with what it said, if it ends before that
 */
export async function startProbeProcess(
  env: NodeJS.ProcessEnv,
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<ProbeProcess> {
  const child = spawn(process.execPath, ['--import', '@freshet/telemetry/register', 'src/probe/main.ts'], {
    cwd: join(workspaceRoot, 'gateway'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    // In a session of its own, a Ctrl-C ends it only after it was asked for what it has found. It ends with the channel, too.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = new AbortController()
  let complaints = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4_000)
  })
  const closed = once(child, 'close').then(() => ended.abort())
  const following = Promise.withResolvers<string>()
  let url = ''
  createInterface({ input: child.stdout! }).on('line', (text) => {
    const line = parseLine(text)
    if (line.msg === 'the probe looks') url = line.url ?? ''
    if (line.msg === 'the probe follows the invalidations') following.resolve(url)
    onLine(line)
  })
  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    await closed
  }
  try {
    await Promise.race([
      following.promise,
      closed.then(() => Promise.reject(new Error(`the probe could not start:\n${complaints.trim()}`))),
      aborted(signal),
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return { metricsUrl: `${url}/metrics`, ended: ended.signal, stop }
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return { msg: text }
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
