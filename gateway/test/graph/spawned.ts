import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The gateway, or the probe, as a process of its own, as it runs in production. */
export interface Spawned {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its exit status. */
  exited(): Promise<number | null>
  /** Waits for a log line with this message, and returns the line. */
  logged(message: string): Promise<Record<string, unknown>>
}

/** Starts an entry, `src/main.ts` unless told otherwise, with nothing in its environment but `env`. */
export function spawnGateway(env: Record<string, string>, entry = 'src/main.ts'): Spawned {
  const child = spawn(process.execPath, ['--import', '@freshet/telemetry/register', entry], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  let isOver = false
  // Not on `exit`: what it said last may still be on its way then.
  const ended = once(child, 'close').finally(() => {
    isOver = true
  })
  // Without the last one, of which there may be only the first part yet.
  const lines = () =>
    stdout
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async exited() {
      const [status] = (await ended) as [number | null]
      return status
    },
    async logged(message) {
      for (;;) {
        const found = lines()
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .find(({ msg }) => msg === message)
        if (found !== undefined) return found
        if (isOver) throw new Error(`The process ended before it said "${message}": ${stderr}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
  }
}
